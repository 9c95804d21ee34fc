import { assessmentMetrics } from '../metrics/assessment-metrics.ts'
import { interruptible } from '../run/interrupts.ts'
import { RateLine } from '../text/rate-line.ts'
import { type MergeRequest, mergeResults } from '../verify/merge.ts'
import { assessmentListener, type OutputOptions, printSummary } from './assessment-output.ts'
import { openMonitoring, publishResult } from './metrics-option.ts'

export interface MergedOutputOptions extends Omit<MergeRequest, 'nowMs'>, OutputOptions {
  /** The file of metrics. */
  readonly metrics?: string
}

/** Judges the results of a verification, prints the result, and sets the exit code. */
export async function runMerge(
  paths: readonly string[],
  { metrics, isAll, isJson, ...request }: MergedOutputOptions,
): Promise<void> {
  using interruption = interruptible()
  const { signal } = interruption
  const monitoring = openMonitoring(metrics)
  using line = new RateLine(process.stderr, 'workloads')
  const listener = assessmentListener(line, isJson, signal)
  const summary = await mergeResults(paths, { ...request, nowMs: Date.now() }, listener, signal)
  line.end()
  await printSummary(summary, { isAll, isJson }, signal)
  const gauges = () => assessmentMetrics(summary)
  process.exitCode = await publishResult(monitoring, { gauges, exitCode: summary.exitCode })
}
