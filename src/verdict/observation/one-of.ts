import { isDeepStrictEqual } from 'node:util'
import { fail, pass, type Question } from '../question.ts'
import { observationsOf } from './observations.ts'

export interface Alternatives {
  readonly subject: string
  readonly where?: string
  readonly oneOf: readonly unknown[]
}

/** Was what was observed (there), each time, one of what may be: a file the old one or the new one? */
export const oneOf: Question<Alternatives> = {
  name: 'what was observed is one of what may be',
  judge: (journal, { subject, where, oneOf: allowed }) => {
    const seen = observationsOf(journal, { subject, where })
    const odd = seen.find(({ facts }) => !allowed.some((one) => isDeepStrictEqual(facts, one)))
    if (odd !== undefined) return fail(`${subject} is ${JSON.stringify(odd.facts)} on ${odd.where}`, [odd.seq])
    return pass(
      `${subject} is one of ${allowed.length}, ${seen.length} of ${seen.length} times`,
      seen.map(({ seq }) => seq),
    )
  },
}
