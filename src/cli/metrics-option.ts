import { Option } from 'commander'
import { MetricsFile } from '../metrics/metrics-file.ts'
import type { Gauge } from '../metrics/open-metrics.ts'
import type { ExitCode } from '../run/exit-code.ts'
import { printError } from './print-error.ts'

/** `--metrics`, of every command that has a result to monitor. */
export const metricsOption = (): Option =>
  new Option('--metrics <file>', 'also write the result as metrics, for the textfile collector of node_exporter')

/** Opens the file before the work of a command. Undefined if no metrics are requested. @throws InputError */
export const openMetricsFile = (path: string | undefined): MetricsFile | undefined =>
  path === undefined ? undefined : new MetricsFile(path)

/** Writes metrics after the result. Returns the exit code: 3 instead of 0 if they cannot be written. */
export function writeMetrics<Code extends ExitCode>(
  file: MetricsFile | undefined,
  gauges: () => readonly Gauge[],
  exitCode: Code,
): Code | 3 {
  try {
    file?.write(gauges())
    return exitCode
  } catch (error) {
    printError(error)
    return exitCode === 0 ? 3 : exitCode
  }
}
