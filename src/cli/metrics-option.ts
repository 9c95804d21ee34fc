import { Option } from 'commander'
import type { JournalEntry } from '../journal/journal.ts'
import { MetricsFile } from '../metrics/metrics-file.ts'
import type { Gauge } from '../metrics/open-metrics.ts'
import { ownVersion } from '../project/package.ts'
import type { ExitCode } from '../run/exit-code.ts'
import { interruptible } from '../run/interrupts.ts'
import { type OtlpSettings, otlpSettings } from '../telemetry/otlp-settings.ts'
import { printError } from './print-error.ts'

/** `--metrics`, of every command that has a result to monitor. */
export const metricsOption = (): Option =>
  new Option(
    '--metrics <file>',
    'also write the result as metrics, for the textfile collector of node_exporter (OTEL_EXPORTER_OTLP_ENDPOINT pushes them)',
  )

/** Where a command publishes its result for monitoring. Both parts are optional. */
export interface MonitoringOutput {
  readonly file?: MetricsFile
  readonly otlp?: OtlpSettings
}

/** The result of a command, as monitoring sees it. */
export interface MonitoredResult<Code> {
  readonly gauges: () => readonly Gauge[]
  /** The journal of a run, whose drills are traces. */
  readonly entries?: readonly JournalEntry[]
  readonly exitCode: Code
}

/**
 * Opens the file of metrics, and reads the variables of OpenTelemetry, before the work of a command.
 * @throws InputError if one of them cannot be used
 */
export function openMonitoring(path: string | undefined): MonitoringOutput {
  const otlp = otlpSettings(process.env, ownVersion())
  return { ...(path !== undefined && { file: new MetricsFile(path) }), ...(otlp && { otlp }) }
}

/**
 * Publishes a result after it was printed. An interrupted command pushes nothing: it must end soon.
 * @returns the exit code: 3 instead of 0 if something cannot be published
 */
export async function publishResult<Code extends ExitCode>(
  { file, otlp }: MonitoringOutput,
  { gauges, entries = [], exitCode }: MonitoredResult<Code>,
): Promise<Code | 3> {
  using interruption = interruptible()
  const { signal } = interruption
  const steps = [
    () => file?.write(gauges()),
    ...(otlp === undefined || exitCode === 130
      ? []
      : [() => pushMetrics(otlp, gauges(), signal), () => pushTraces(otlp, entries, signal)]),
  ]
  let code: Code | 3 = exitCode
  for (const step of steps) {
    try {
      await step()
    } catch (error) {
      printError(error)
      if (code === 0) code = 3
    }
  }
  return code
}

async function pushMetrics(
  { metrics, source }: OtlpSettings,
  gauges: readonly Gauge[],
  signal: AbortSignal,
): Promise<void> {
  if (metrics === undefined || signal.aborted) return
  const [{ metricsRequest }, { pushOtlp }] = await Promise.all([
    import('../telemetry/otlp-metrics.ts'),
    import('../telemetry/otlp-push.ts'),
  ])
  await pushOtlp(metrics, metricsRequest(gauges, source, Date.now()), signal)
}

async function pushTraces(
  { traces, source }: OtlpSettings,
  entries: readonly JournalEntry[],
  signal: AbortSignal,
): Promise<void> {
  if (traces === undefined || entries.length === 0 || signal.aborted) return
  const [{ traceRequests }, { pushOtlp }] = await Promise.all([
    import('../telemetry/otlp-traces.ts'),
    import('../telemetry/otlp-push.ts'),
  ])
  for (const request of traceRequests(entries, source)) await pushOtlp(traces, request, signal)
}
