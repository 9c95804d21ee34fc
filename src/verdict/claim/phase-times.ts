import type { JournalEntry, Phase } from '../../journal/journal.ts'
import { duration } from '../../text/duration.ts'
import { entriesOf, pass, type Question, unknown } from '../question.ts'

/**
 * Is the time known that each phase took: of these, or of all that the drill had so far? Which it had depends on its
 * scenario, and on whether its background was taken over from another one.
 */
export const phaseTimes: Question<{ readonly phases?: readonly Phase[] }> = {
  name: 'the time of each phase is known',
  judge: (journal, expected) => {
    const times = timesOf(journal)
    const phases = expected.phases ?? [...new Set(entriesOf(journal, 'phase-started').map(({ phase }) => phase))]
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
