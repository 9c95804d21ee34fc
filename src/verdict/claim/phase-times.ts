import type { JournalEntry, Phase } from '../../journal/journal.ts'
import { duration } from '../../text/duration.ts'
import { entriesOf, pass, type Question, unknown } from '../question.ts'

/**
 * Asks whether the time of each phase is known: of the expected ones, or of those that the drill has had so far. Which
 * phases a drill has depends on its scenario, and on whether its background came from a checkpoint.
 */
export const phaseTimes: Question<{ readonly phases?: readonly Phase[] }> = {
  name: 'the time of each phase is known',
  judge: (journal, expected) => {
    const times = timesOf(journal)
    const phases = expected.phases ?? [...new Set(entriesOf(journal, 'phase-started').map(({ phase }) => phase))]
    const open = unfinished(journal)
    const missing = phases.filter((phase) => !times.has(phase) || open.has(phase))
    const evidence = entriesOf(journal, 'phase-ended').map(({ seq }) => seq)
    if (missing.length > 0) return unknown(`phases without a time: ${missing.join(', ')}`, evidence)
    return pass(phases.map((phase) => `${phase} ${duration(times.get(phase) ?? 0)}`).join(', '), evidence)
  },
}

/** Returns the time of each phase that has ended, all its stretches together, in the order in which phases began. */
export function timesOf(journal: readonly JournalEntry[]): ReadonlyMap<Phase, number> {
  const times = new Map<Phase, number>()
  for (const { phase, durationMs } of entriesOf(journal, 'phase-ended')) {
    times.set(phase, (times.get(phase) ?? 0) + durationMs)
  }
  return times
}

/** Returns the phases that have begun once more than they have ended: their time is not known yet. */
export function unfinished(journal: readonly JournalEntry[]): ReadonlySet<Phase> {
  const open = new Map<Phase, number>()
  for (const entry of journal) {
    if (entry.kind === 'phase-started') open.set(entry.phase, (open.get(entry.phase) ?? 0) + 1)
    if (entry.kind === 'phase-ended') open.set(entry.phase, Math.max(0, (open.get(entry.phase) ?? 0) - 1))
  }
  return new Set([...open].filter(([, count]) => count > 0).map(([phase]) => phase))
}
