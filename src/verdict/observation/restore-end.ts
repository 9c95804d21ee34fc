import type { JournalEntry } from '../../journal/journal.ts'
import { entriesOf, fail, pass, type Question, unknown } from '../question.ts'
import { defineObservation } from './define-observation.ts'
import { isListOf, isText } from './facts.ts'
import { type ExpectedManagerError, type ManagerRun, managerFails, managerRuns } from './manager-run.ts'
import type { AtPlace, Observed } from './observed.ts'

/** The final state of a restore that a user asked the workload manager for. */
export interface RestoreEnd {
  readonly id: string
  /** The person: `alice in web-shop`. */
  readonly as: string
  /** `available`, `error` or `cancelled`. */
  readonly status: string
  readonly error: string
  /** Files in its folder on the compute, and `qemu-img` for each process that reads for it. */
  readonly left: readonly string[]
}

export const restoreEnds = defineObservation('the end of the restore', isRestoreEnd)

function isRestoreEnd(facts: unknown): facts is RestoreEnd {
  if (typeof facts !== 'object' || facts === null) return false
  const { id, as, status, error, left }: Partial<Record<keyof RestoreEnd, unknown>> = facts
  return [id, as, status, error].every(isText) && isListOf(isText)(left)
}

export interface ExpectedRestoreEnd extends AtPlace {
  readonly status: string
  /** A part of its error, in any case of letters. Undefined for any. */
  readonly because?: string
}

/**
 * Asks whether the restores of the last step that a user asked for have ended in a state. A cancelled one must have left no
 * disk on its compute, and no process that reads for it.
 */
export const restoreEndsAs: Question<ExpectedRestoreEnd> = {
  name: 'the restore of the user ends as expected',
  judge: (journal, { status, because = '', ...at }) => {
    const ends = restoreEnds.observed(journal, at)
    const refused = at.series === undefined ? requestsAfter(journal, ends) : []
    if (refused.length > 0) return unknown('the last restore was refused, and so has no end', refused)
    const isOdd = ({ facts }: (typeof ends)[number]) =>
      facts.status !== status ||
      !facts.error.toLowerCase().includes(because.toLowerCase()) ||
      (status === 'cancelled' && facts.left.length > 0)
    const odd = ends.filter(isOdd)
    const show = (some: readonly (typeof ends)[number][]) =>
      some
        .map(({ where, facts: { id, as, status: ended, error, left } }) => {
          const rest = ended === 'cancelled' ? `, which left ${left.join(', ') || 'nothing'} on ${where}` : ''
          return `restore ${id} of ${as} is ${ended}${error && `: ${error}`}${rest}`
        })
        .join('; ')
    const seqs = (some: readonly (typeof ends)[number][]) => some.map(({ seq }) => seq)
    return odd.length > 0
      ? fail(`${show(odd)}, expected ${status}${because && ` with "${because}"`}`, seqs(odd))
      : pass(show(ends), seqs(ends))
  },
}

/** Asks whether the workload manager refused a restore with a message, and nothing was restored in that step. */
export const restoreIsRefused: Question<ExpectedManagerError> = {
  name: 'the restore is refused for the expected reason',
  judge: (journal, expected) => {
    const runs = managerRuns.observed(journal, expected)
    const series = new Set(runs.map((run) => run.series))
    const isOfStep = (entry: { readonly series?: string | undefined }) =>
      entry.series !== undefined && series.has(entry.series)
    const made = [...restoreEnds.history(journal).filter(isOfStep), ...entriesOf(journal, 'restore').filter(isOfStep)]
    return made.length > 0
      ? fail(
          'a restore was made',
          made.map(({ seq }) => seq),
        )
      : managerFails.judge(journal, expected)
  },
}

/** The commands that ask for a restore, after the last one that has ended. */
function requestsAfter(journal: readonly JournalEntry[], ends: readonly Observed<RestoreEnd>[]): readonly number[] {
  const last = ends.at(-1)?.seq ?? 0
  const isRequest = ({ command }: ManagerRun): boolean => /^snapshot-\w+-restore /.test(command)
  return managerRuns.history(journal).flatMap(({ seq, facts }) => (seq > last && isRequest(facts) ? [seq] : []))
}
