import type { JournalEntry, Phase } from '../drill/journal.ts'
import { duration } from '../report/duration.ts'
import { entriesOf, pass, type Question, unknown } from './question.ts'

/** Is the time known that each of these phases took? */
export const phaseTimes: Question<{ readonly phases: readonly Phase[] }> = {
  name: 'the time of each phase is known',
  judge: (journal, { phases }) => {
    const times = timesOf(journal)
    const missing = phases.filter((phase) => !times.has(phase))
    const evidence = entriesOf(journal, 'phase-ended').map(({ seq }) => seq)
    if (missing.length > 0) return unknown(`no time is known of: ${missing.join(', ')}`, evidence)
    return pass(phases.map((phase) => `${phase} ${duration(times.get(phase) ?? 0)}`).join(', '), evidence)
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
