import { DrillError } from '../errors.ts'
import type { Mark, Style } from '../text/style.ts'
import { wrap } from '../text/terminal.ts'

/** One requirement of drills, which is tried rather than assumed. */
export interface Probe {
  readonly name: string
  /** Names of earlier probes. If one of them failed, this probe is not tried. */
  readonly needs?: readonly string[]
  /** Shown if the probe fails with an error that has no remedy. */
  readonly remedy?: string
  /** Returns what was observed. @throws if the requirement is not met; the reason of the signal, after cleaning up */
  try(signal: AbortSignal): Promise<string>
}

export interface Diagnosis {
  readonly name: string
  readonly state: 'ok' | 'failed' | 'not tried'
  readonly detail: string
  readonly remedy?: string
  readonly durationMs: number
}

/**
 * Tries one probe after the other. A failure skips only the probes that need the failed one.
 * @throws the reason of the signal
 */
export async function* diagnose(probes: readonly Probe[], signal: AbortSignal): AsyncGenerator<Diagnosis> {
  const unmet = new Set<string>()
  for (const probe of probes) {
    const diagnosis = await diagnoseOne(probe, unmet, signal)
    if (diagnosis.state !== 'ok') unmet.add(probe.name)
    yield diagnosis
  }
}

async function diagnoseOne(
  { name, needs = [], remedy, ...probe }: Probe,
  unmet: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<Diagnosis> {
  signal.throwIfAborted()
  const missing = needs.filter((need) => unmet.has(need))
  if (missing.length > 0)
    return { name, state: 'not tried', detail: `not tried: needs ${missing.join(', ')}`, durationMs: 0 }
  const startedMs = performance.now()
  const durationMs = () => Math.round(performance.now() - startedMs)
  try {
    return { name, state: 'ok', detail: await probe.try(signal), durationMs: durationMs() }
  } catch (error) {
    signal.throwIfAborted()
    const cure = (error instanceof DrillError ? error.remedy : undefined) ?? remedy
    const detail = error instanceof Error ? error.message : String(error)
    return { name, state: 'failed', detail, ...(cure === undefined ? {} : { remedy: cure }), durationMs: durationMs() }
  }
}

const marks: Readonly<Record<Diagnosis['state'], Mark>> = { ok: 'passed', failed: 'failed', 'not tried': 'not run' }

/** The lines of a diagnosis, with its remedy beneath. */
export function describeDiagnosis(
  { name, state, detail, remedy, durationMs }: Diagnosis,
  { nameWidth, style }: { readonly nameWidth: number; readonly style: Style },
): string {
  const indent = ' '.repeat(nameWidth + 4)
  const time = state === 'not tried' ? '' : `  (${(durationMs / 1000).toFixed(1)} s)`
  const lines = wrap(detail, style.columns - indent.length - time.length)
  const remedies = remedy?.split('\n') ?? []
  return [
    `${style.mark(marks[state])} ${name.padEnd(nameWidth)}  ${lines.join(`\n${indent}`)}${time}`,
    ...remedies.map((line) => `${indent}${line}`),
  ].join('\n')
}
