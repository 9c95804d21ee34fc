import type { JournalEntry, Phase } from '../drill/journal.ts'
import { entriesOf, pass, type Question, unknown } from './question.ts'

/** Is the time known that each of these phases took? */
export const phaseTimes: Question<{ readonly phases: readonly Phase[] }> = {
  name: 'the time of each phase is known',
  judge: (journal, { phases }) => {
    const times = timesOf(journal)
    const missing = phases.filter((phase) => !times.has(phase))
    const evidence = entriesOf(journal, 'phase-ended').map(({ seq }) => seq)
    if (missing.length > 0) return unknown(`no time is known of: ${missing.join(', ')}`, evidence)
    return pass(phases.map((phase) => `${phase} ${seconds(times.get(phase) ?? 0)}`).join(', '), evidence)
  },
}

/** Of each phase that has ended, all its stretches together, in the order they began. */
export function timesOf(journal: readonly JournalEntry[]): ReadonlyMap<Phase, number> {
  const times = new Map<Phase, number>()
  for (const { phase, durationMs } of entriesOf(journal, 'phase-ended')) {
    times.set(phase, (times.get(phase) ?? 0) + durationMs)
  }
  return times
}

/** `0.4 s`, `12.3 s`, `3 min 05 s` */
export function seconds(durationMs: number): string {
  if (durationMs < 59_950) return `${(durationMs / 1000).toFixed(1)} s`
  const whole = Math.round(durationMs / 1000)
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`
}
