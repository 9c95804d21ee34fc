import { isDeepStrictEqual } from 'node:util'
import { fail, pass, type Question } from '../question.ts'
import { observationsOf } from './observations.ts'

/** Is what was observed last (on that node) what was expected, e.g. the mount path of a share? */
export const observed: Question<{ readonly subject: string; readonly where?: string; readonly facts: unknown }> = {
  name: 'what was observed is what was expected',
  judge: (journal, { subject, where, facts }) => {
    const last = observationsOf(journal, { subject, where }).at(-1)
    if (last === undefined) throw new Error(`${subject} was not observed`)
    const found = `${subject} is ${show(last.facts)} on ${last.where}`
    return isDeepStrictEqual(last.facts, facts)
      ? pass(found, [last.seq])
      : fail(`${found}, expected ${show(facts)}`, [last.seq])
  },
}

function show(facts: unknown): string {
  return typeof facts === 'string' ? facts : (JSON.stringify(facts) ?? String(facts))
}
