import { isDeepStrictEqual } from 'node:util'
import { fail, pass, type Question } from '../question.ts'
import { type AtPlace, type ObservationReader, show } from './observed.ts'

export interface ExpectedFacts<T> extends AtPlace {
  readonly facts: T
}

export function hasFacts<T>(subject: string, read: ObservationReader<T>): Question<ExpectedFacts<T>> {
  return {
    name: `${subject} has the expected value`,
    judge: (journal, { where, facts }) => {
      const observed = read(journal, where)
      const last = observed.at(-1) ?? observed[0]
      const found = `${show(last.facts)} on ${last.where}`
      return isDeepStrictEqual(last.facts, facts)
        ? pass(found, [last.seq])
        : fail(`${found}, expected ${show(facts)}`, [last.seq])
    },
  }
}

export interface AllowedFacts<T> extends AtPlace {
  readonly oneOf: readonly T[]
}

export function hasOneOf<T>(subject: string, read: ObservationReader<T>): Question<AllowedFacts<T>> {
  return {
    name: `${subject} has an expected value each time`,
    judge: (journal, { where, oneOf }) => {
      const observed = read(journal, where)
      const odd = observed.find(({ facts }) => !oneOf.some((one) => isDeepStrictEqual(facts, one)))
      if (odd !== undefined) {
        return fail(`${show(odd.facts)} on ${odd.where}, expected one of: ${oneOf.map(show).join(', ')}`, [odd.seq])
      }
      return pass(
        `one of ${oneOf.length} expected values, ${observed.length} of ${observed.length} times`,
        observed.map(({ seq }) => seq),
      )
    },
  }
}
