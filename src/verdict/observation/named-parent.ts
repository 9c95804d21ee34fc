import { fail, pass, type Question } from '../question.ts'
import { defineObservation } from './define-observation.ts'
import { isText } from './facts.ts'
import { managerRuns } from './manager-run.ts'
import type { AtPlace, Observed } from './observed.ts'

/** The name of the parent in the header of an image. */
export interface ObservedParent {
  readonly workload: string
  readonly snapshot: number
  /** Relative to the mount path. */
  readonly image: string
  /** Empty for a full image. */
  readonly parent: string
}

export const namedParents = defineObservation("the name of an image's parent", isObservedParent, {
  recordedWith: managerRuns,
})

function isObservedParent(facts: unknown): facts is ObservedParent {
  if (typeof facts !== 'object' || facts === null) return false
  const { workload, snapshot, image, parent }: Partial<Record<keyof ObservedParent, unknown>> = facts
  return [workload, image, parent].every(isText) && typeof snapshot === 'number'
}

export interface ExpectedParents extends AtPlace {
  /** The directory that every parent is named under. */
  readonly mountPath: string
}

/** Asks whether the images of the last snapshot name their parents under a mount path. */
export const namesParentsUnder: Question<ExpectedParents> = {
  name: 'the images name their parents under the expected mount path',
  judge: (journal, { mountPath, ...at }) => {
    const names = namedParents.observed(journal, at)
    const odd = names.filter(({ facts }) => !facts.parent.startsWith(`${mountPath}/`))
    const show = (some: readonly Observed<ObservedParent>[]) =>
      some
        .map(({ facts }) => `snapshot ${facts.snapshot} of ${facts.workload} names ${facts.parent || 'no parent'}`)
        .join('; ')
    const seqs = (some: readonly Observed<ObservedParent>[]) => some.map(({ seq }) => seq)
    return odd.length > 0
      ? fail(`${show(odd)}, expected a parent under ${mountPath}`, seqs(odd))
      : pass(show(names), seqs(names))
  },
}
