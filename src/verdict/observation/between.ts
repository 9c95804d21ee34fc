import { fail, pass, type Question } from '../question.ts'
import { observationsOf } from './observations.ts'

/** Is the number that was observed last in a range, both ends included? */
export const between: Question<{
  readonly subject: string
  readonly where?: string
  readonly least: number
  readonly most: number
}> = {
  name: 'what was observed is between two numbers',
  judge: (journal, { subject, where, least, most }) => {
    const last = observationsOf(journal, { subject, where }).at(-1)
    if (typeof last?.facts !== 'number') throw new Error(`${subject} was not observed as a number`)
    const found = `${subject} is ${last.facts} on ${last.where}`
    return last.facts >= least && last.facts <= most
      ? pass(found, [last.seq])
      : fail(`${found}, expected ${least} to ${most}`, [last.seq])
  },
}
