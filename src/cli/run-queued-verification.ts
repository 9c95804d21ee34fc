import { assessmentMetrics } from '../metrics/assessment-metrics.ts'
import { ownVersion } from '../project/package.ts'
import { interruptible } from '../run/interrupts.ts'
import { counted } from '../text/plural.ts'
import { byteUnit, RateLine } from '../text/rate-line.ts'
import { type QueuedVerificationRequest, verifyByQueue } from '../verify/queue/coordinate.ts'
import { openQueue } from '../verify/queue/open.ts'
import { assessmentListener, type OutputOptions, printSummary } from './assessment-output.ts'
import { openMonitoring, publishResult } from './metrics-option.ts'

export interface QueuedVerificationOptions extends Omit<QueuedVerificationRequest, 'nowMs' | 'tool'>, OutputOptions {
  /** The address of the database. */
  readonly queue: string
  /** The file of metrics. */
  readonly metrics?: string
}

/** Verifies targets by the workers of a queue, prints the result, and sets the exit code. */
export async function runQueuedVerification(options: QueuedVerificationOptions): Promise<void> {
  using interruption = interruptible()
  const { signal } = interruption
  const { queue: url, metrics, isAll, isJson, ...request } = options
  const monitoring = openMonitoring(metrics)
  using line = new RateLine(process.stderr, 'workloads measured')
  await using queue = await openQueue(url, (text) => line.print(text))
  let total = 0
  const summary = await verifyByQueue(
    { ...request, nowMs: Date.now(), tool: ownVersion() },
    queue,
    {
      ...assessmentListener(line, isJson, signal),
      onPlanned: ({ disks, bytes }) => {
        total = bytes
        line.restart(byteUnit)
        if (disks > 0) line.print(`${counted(disks, 'disk')} to read; waiting for workers`)
      },
      onCounts: ({ doneBytes }) => line.update(doneBytes, total),
    },
    signal,
  )
  line.end()
  await printSummary(summary, { isAll, isJson }, signal)
  const gauges = () => assessmentMetrics(summary)
  process.exitCode = await publishResult(monitoring, { gauges, exitCode: summary.exitCode })
}
