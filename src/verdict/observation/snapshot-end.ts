import { fail, pass, type Question } from '../question.ts'
import { defineObservation } from './define-observation.ts'
import { isText } from './facts.ts'
import { managerRuns } from './manager-run.ts'
import type { AtPlace, Observed } from './observed.ts'

/** The final state of a snapshot that the workload manager took. */
export interface SnapshotEnd {
  readonly id: string
  readonly workload: string
  /** `available`, `error` or `cancelled`. */
  readonly status: string
  /** `full`, `incremental` or `mixed`. */
  readonly type: string
  readonly error: string
}

/** A command that takes no snapshot, such as the scheduler if none is due, leaves no earlier one to be judged. */
export const snapshotEnds = defineObservation('the end of the snapshot', isSnapshotEnd, { recordedWith: managerRuns })

function isSnapshotEnd(facts: unknown): facts is SnapshotEnd {
  if (typeof facts !== 'object' || facts === null) return false
  const { id, workload, status, type, error }: Partial<Record<keyof SnapshotEnd, unknown>> = facts
  return [id, workload, status, type, error].every(isText)
}

export interface ExpectedSnapshotEnd extends AtPlace {
  readonly status: string
  /** `full`, `incremental` or `mixed`. Undefined for any. */
  readonly type?: string
  /** A part of its error, in any case of letters. Undefined for any. */
  readonly because?: string
}

/** Asks whether the snapshots of the last step that took any have ended in a state. */
export const snapshotEndsAs: Question<ExpectedSnapshotEnd> = {
  name: 'the snapshot ends as expected',
  judge: (journal, { status, type, because = '', ...at }) => {
    const ends = snapshotEnds.observed(journal, at)
    const odd = ends.filter(
      ({ facts }) =>
        facts.status !== status ||
        (type !== undefined && facts.type !== type) ||
        !facts.error.toLowerCase().includes(because.toLowerCase()),
    )
    const show = (some: readonly Observed<SnapshotEnd>[]) =>
      some
        .map(
          ({ facts }) =>
            `snapshot ${facts.id} of ${facts.workload} is ${facts.type}, ${facts.status}${facts.error && `: ${facts.error}`}`,
        )
        .join('; ')
    const seqs = (some: readonly Observed<SnapshotEnd>[]) => some.map(({ seq }) => seq)
    const expected = [type, status].filter((word) => word !== undefined).join(', ')
    return odd.length > 0
      ? fail(`${show(odd)}, expected ${expected}${because && ` with "${because}"`}`, seqs(odd))
      : pass(show(ends), seqs(ends))
  },
}
