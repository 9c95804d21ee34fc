import { resolve } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { type AssessmentRequest, assess } from '../assess/assess.ts'
import type { AssessmentSummary } from '../assess/judge/assessment-summary.ts'
import { PastFile } from '../assess/past/past-file.ts'
import { openContentReader } from '../content/open-reader.ts'
import { secretFilesIn } from '../localhost/secret-folder.ts'
import { assessmentMetrics } from '../metrics/assessment-metrics.ts'
import { ownVersion } from '../project/package.ts'
import { interruptible } from '../run/interrupts.ts'
import { RateLine } from '../text/rate-line.ts'
import { assessmentListener, type OutputOptions, printSummary } from './assessment-output.ts'
import { openMonitoring, publishResult } from './metrics-option.ts'
import { printError } from './print-error.ts'

export interface AssessmentOptions
  extends Omit<AssessmentRequest, 'nowMs' | 'readContent' | 'secretIds' | 'past'>,
    OutputOptions {
  /** A folder of secrets. */
  readonly secrets?: string
  /** The file of earlier assessments. */
  readonly record?: string
  /** The file of metrics. */
  readonly metrics?: string
}

/** Assesses targets, prints the result, and sets the exit code. */
export async function runAssessment(options: AssessmentOptions): Promise<void> {
  // What was read is garbage once it is judged. Collecting it early keeps a big target from filling the memory.
  setFlagsFromString('--optimize-for-size')
  // The last few percent of speed would cost the reading threads their processors.
  setFlagsFromString('--no-turbofan')
  using interruption = interruptible()
  const { signal } = interruption
  const { record, metrics, ...others } = options
  const monitoring = openMonitoring(metrics)
  const finish = async (summary: AssessmentSummary): Promise<void> => {
    const gauges = () => assessmentMetrics(summary)
    process.exitCode = await publishResult(monitoring, { gauges, exitCode: summary.exitCode })
  }
  if (record === undefined) return await finish(await assessAndPrint(others, undefined, signal))
  await using file = await PastFile.open(resolve(record))
  try {
    await finish(await assessAndPrint(others, file, signal))
  } catch (error) {
    // What was read until then is kept. The first error is the one to report.
    await file.save().catch(() => {})
    throw error
  }
  await file.save().catch((error: unknown) => {
    // A failure that was found wins.
    if (process.exitCode !== 1) throw error
    printError(error)
  })
}

async function assessAndPrint(
  { secrets, isAll, isJson, ...request }: Omit<AssessmentOptions, 'record' | 'metrics'>,
  file: PastFile | undefined,
  signal: AbortSignal,
): Promise<AssessmentSummary> {
  const secretsFolder = secrets === undefined ? undefined : resolve(secrets)
  const secretIds = secretsFolder === undefined ? undefined : [...secretFilesIn(secretsFolder).keys()]
  const readContent =
    request.depth === 'content'
      ? await openContentReader({
          stallMs: request.answerWithinMs,
          ...(secretsFolder !== undefined && { secretsFolder }),
        })
      : undefined
  using line = new RateLine(process.stderr, request.depth === 'content' ? 'workloads measured' : 'workloads')
  const summary = await assess(
    {
      ...request,
      nowMs: Date.now(),
      ...(readContent && { readContent }),
      ...(secretIds && { secretIds }),
      ...(file && { past: { file, tool: ownVersion() } }),
    },
    assessmentListener(line, isJson, signal),
    signal,
  )
  line.end()
  await printSummary(summary, { isAll, isJson }, signal)
  return summary
}
