import type { JournalEntry } from '../../journal/journal.ts'
import { duration } from '../../text/duration.ts'
import { entriesOf, fail, pass, type Question, unknown } from '../question.ts'
import { timesOf, unfinished } from './phase-times.ts'

/** The objectives that every drill must meet. */
export interface Objectives {
  readonly recoveryTimeMs?: number
}

const recoveryPhases = ['recover', 'restore'] as const

/** True if restores were made after a recovery: its time is known. */
export function hasRecovered(journal: readonly JournalEntry[]): boolean {
  return timesOf(journal).has('restore')
}

/** Asks whether recovery, and the restores after it, together take no longer than the objective. */
export const recoveryTime: Question<{ readonly withinMs: number }> = {
  name: 'recovery and restores meet the recovery time objective',
  judge: (journal, { withinMs }) => {
    if (!hasRecovered(journal)) return unknown('nothing was restored after a recovery')
    const times = timesOf(journal)
    const open = unfinished(journal)
    const unknownTimes = recoveryPhases.filter((phase) => !times.has(phase) || open.has(phase))
    if (unknownTimes.length > 0) return unknown(`phases without a time: ${unknownTimes.join(', ')}`)
    const tookMs = recoveryPhases.reduce((sum, phase) => sum + (times.get(phase) ?? 0), 0)
    const parts = recoveryPhases.map((phase) => `${phase} ${duration(times.get(phase) ?? 0)}`).join(', ')
    const evidence = entriesOf(journal, 'phase-ended')
      .filter(({ phase }) => phase === 'recover' || phase === 'restore')
      .map(({ seq }) => seq)
    const found = `${duration(tookMs)} (${parts})`
    return tookMs > withinMs
      ? fail(`${found}, more than the allowed ${duration(withinMs)}`, evidence)
      : pass(`${found}, within the allowed ${duration(withinMs)}`, evidence)
  },
}
