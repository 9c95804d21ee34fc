import { printable } from '../text/printable.ts'

/** One value. */
export interface Sample {
  readonly labels?: Readonly<Record<string, string>>
  readonly value: number
}

/** A gauge, with a value for each combination of labels. */
export interface Gauge {
  /** Ends with its unit, e.g. `dr_drill_run_duration_seconds`. */
  readonly name: string
  readonly help: string
  readonly samples: readonly Sample[]
}

/**
 * Returns gauges as text that is valid in OpenMetrics 1.0 and in the older format of Prometheus, which node_exporter
 * reads. A gauge without samples is left out.
 */
export function openMetrics(gauges: readonly Gauge[]): string {
  const lines = gauges.flatMap(({ name, help, samples }) =>
    samples.length === 0
      ? []
      : [`# HELP ${name} ${help}`, `# TYPE ${name} gauge`, ...samples.map((sample) => `${name}${lineOf(sample)}`)],
  )
  return [...lines, '# EOF', ''].join('\n')
}

function lineOf({ labels = {}, value }: Sample): string {
  const texts = Object.entries(labels).map(([key, text]) => `${key}="${escaped(text)}"`)
  return `${texts.length === 0 ? '' : `{${texts.join(',')}}`} ${value}`
}

/** Names come from targets and hosts. */
function escaped(text: string): string {
  return printable(text).replaceAll('\\', '\\\\').replaceAll('"', '\\"')
}

/** A gauge with one value. */
export const gauge = (name: string, help: string, value: number): Gauge => ({ name, help, samples: [{ value }] })

/** Seconds since 1970, of a time in ISO 8601 or in milliseconds. */
export const secondsOf = (time: string | number): number => new Date(time).getTime() / 1000
