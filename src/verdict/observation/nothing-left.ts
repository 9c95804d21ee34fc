import { fail, pass, type Question, unknown } from '../question.ts'
import { observationsOf } from './observations.ts'

/** The subject of the leak check's observation; its facts are a list of names for each kind. */
export const leakSubject = 'left behind'

/** Every kind of thing that a run could leave behind. One that was not looked for is not known to be gone. */
export const leakKinds = ['containers', 'networks', 'volumes', 'namespaces', 'processes', 'mounts', 'folders'] as const
export type LeakKind = (typeof leakKinds)[number]

/** Is nothing left that runs, is mounted or bears the run's label? */
export const nothingLeft: Question<{ readonly kinds?: readonly LeakKind[] }> = {
  name: 'nothing is left behind',
  judge: (journal, { kinds = leakKinds }) => {
    const last = observationsOf(journal, { subject: leakSubject }).at(-1)
    const facts = (last?.facts ?? {}) as Partial<Record<LeakKind, unknown>>
    const evidence = last === undefined ? [] : [last.seq]
    const found = kinds.flatMap((kind) => {
      const names = facts[kind]
      return Array.isArray(names) && names.length > 0 ? [`${kind}: ${names.join(', ')}`] : []
    })
    if (found.length > 0) return fail(found.join('; '), evidence)
    const unchecked = kinds.filter((kind) => !Array.isArray(facts[kind]))
    if (unchecked.length > 0) return unknown(`it was not looked for ${unchecked.join(', ')}`, evidence)
    return pass(`no ${kinds.join(', ')}`, evidence)
  },
}
