import { DrillError } from '../errors.ts'

/** One requirement, tried rather than assumed. */
export interface Probe {
  readonly name: string
  /** Names of probes before it: when one of them failed, this one cannot be tried. */
  readonly needs?: readonly string[]
  /** What a person can do when it fails and the error does not say. */
  readonly remedy?: string
  /** Gives what it saw. @throws whatever is wrong */
  try(): Promise<string>
}

export interface Diagnosis {
  readonly name: string
  readonly state: 'ok' | 'failed' | 'not tried'
  readonly detail: string
  readonly remedy?: string
  readonly durationMs: number
}

/** Tries one requirement after the other. One that fails does not keep those from being tried that do not need it. */
export async function* diagnose(probes: readonly Probe[]): AsyncGenerator<Diagnosis> {
  const bad = new Set<string>()
  for (const probe of probes) {
    const diagnosis = await tryOne(probe, bad)
    if (diagnosis.state !== 'ok') bad.add(probe.name)
    yield diagnosis
  }
}

async function tryOne({ name, needs = [], remedy, ...probe }: Probe, bad: ReadonlySet<string>): Promise<Diagnosis> {
  const lacking = needs.filter((need) => bad.has(need))
  if (lacking.length > 0)
    return { name, state: 'not tried', detail: `it needs what is not well: ${lacking.join(', ')}`, durationMs: 0 }
  const startedMs = performance.now()
  const durationMs = () => Math.round(performance.now() - startedMs)
  try {
    return { name, state: 'ok', detail: await probe.try(), durationMs: durationMs() }
  } catch (error) {
    const cure = (error instanceof DrillError ? error.remedy : undefined) ?? remedy
    const detail = error instanceof Error ? error.message : String(error)
    return { name, state: 'failed', detail, ...(cure === undefined ? {} : { remedy: cure }), durationMs: durationMs() }
  }
}

/** One diagnosis as lines for a person. */
export function describeDiagnosis({ name, state, detail, remedy, durationMs }: Diagnosis, width: number): string {
  const time = state === 'not tried' ? '' : `  (${(durationMs / 1000).toFixed(1)} s)`
  const [first, ...more] = detail.split('\n')
  const lines = [`${state.padEnd(9)}  ${name.padEnd(width)}  ${first}${time}`, ...more.map((line) => `    ${line}`)]
  if (remedy !== undefined) lines.push(`    remedy: ${remedy}`)
  return lines.join('\n')
}
