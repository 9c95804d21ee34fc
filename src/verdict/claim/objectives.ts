import type { JournalEntry } from '../../journal/journal.ts'
import { duration } from '../../text/duration.ts'
import { entriesOf, fail, pass, type Question, unknown } from '../question.ts'
import { timesOf } from './phase-times.ts'

/** What every drill has to keep to. */
export interface Objectives {
  readonly recoveryTimeMs?: number
}

const recoveryPhases = ['recover', 'restore'] as const

/** Whether there was a recovery that can be timed: restores that were made after one. */
export function hasRecovered(journal: readonly JournalEntry[]): boolean {
  return timesOf(journal).has('restore')
}

/** Did recovery, and the restores after it, take no longer together than they may? */
export const recoveryTime: Question<{ readonly withinMs: number }> = {
  name: 'recovery and restores take no longer than they may',
  judge: (journal, { withinMs }) => {
    if (!hasRecovered(journal)) return unknown('nothing was restored after a recovery')
    const times = timesOf(journal)
    const tookMs = recoveryPhases.reduce((sum, phase) => sum + (times.get(phase) ?? 0), 0)
    const parts = recoveryPhases.map((phase) => `${phase} ${duration(times.get(phase) ?? 0)}`).join(', ')
    const evidence = entriesOf(journal, 'phase-ended')
      .filter(({ phase }) => phase === 'recover' || phase === 'restore')
      .map(({ seq }) => seq)
    return tookMs > withinMs
      ? fail(`they took ${duration(tookMs)} (${parts}), and may take ${duration(withinMs)}`, evidence)
      : pass(`they took ${duration(tookMs)} of ${duration(withinMs)} (${parts})`, evidence)
  },
}
