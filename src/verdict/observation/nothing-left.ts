import { fail, pass, type Question, UnjudgeableError, unknown } from '../question.ts'
import { defineObservation } from './define-observation.ts'
import { isListOf, isText } from './facts.ts'

/** Every kind of thing that a run could leave behind. */
export const leakKinds = ['containers', 'networks', 'volumes', 'namespaces', 'processes', 'mounts', 'folders'] as const
export type LeakKind = (typeof leakKinds)[number]

/** Names of what was left behind. A kind that is missing was not looked for. */
export type Leaks = Readonly<Partial<Record<LeakKind, readonly string[]>>>

export const leftBehind = defineObservation('left behind', isLeaks)

function isLeaks(facts: unknown): facts is Leaks {
  if (typeof facts !== 'object' || facts === null) return false
  const found: Partial<Record<LeakKind, unknown>> = facts
  return leakKinds.every((kind) => found[kind] === undefined || isListOf(isText)(found[kind]))
}

/** Asks whether nothing is left that runs, is mounted or bears the label of the run. */
export const nothingLeft: Question<{ readonly kinds?: readonly LeakKind[] }> = {
  name: 'nothing is left behind',
  judge: (journal, { kinds = leakKinds }) => {
    // The last look of the whole run: what was left earlier may have been removed since.
    const last = leftBehind.history(journal).at(-1)
    if (last === undefined) throw new UnjudgeableError(`${leftBehind.subject} was not observed`)
    const { seq, facts } = last
    const found = kinds.flatMap((kind) => {
      const names = facts[kind] ?? []
      return names.length > 0 ? [`${kind}: ${names.join(', ')}`] : []
    })
    if (found.length > 0) return fail(found.join('; '), [seq])
    const unchecked = kinds.filter((kind) => facts[kind] === undefined)
    if (unchecked.length > 0) return unknown(`not looked for: ${unchecked.join(', ')}`, [seq])
    return pass(`no ${kinds.join(', ')}`, [seq])
  },
}
