import { isDeepStrictEqual } from 'node:util'
import { fail, pass, type Question } from '../question.ts'
import { type AtPlace, type ObservationReader, show, showObserved } from './observed.ts'

export interface ExpectedFacts<T> extends AtPlace {
  readonly facts: T
}

export function hasFacts<T>(subject: string, read: ObservationReader<T>): Question<ExpectedFacts<T>> {
  return {
    name: `${subject} has the expected value`,
    judge: (journal, { facts, ...at }) => {
      const observed = read(journal, at)
      const odd = observed.filter((one) => !isDeepStrictEqual(one.facts, facts))
      return odd.length === 0 ? pass(showObserved(observed), seqsOf(observed)) : wrong(odd, show(facts))
    },
  }
}

export interface AllowedFacts<T> extends AtPlace {
  readonly oneOf: readonly T[]
}

export function hasOneOf<T>(subject: string, read: ObservationReader<T>): Question<AllowedFacts<T>> {
  return {
    name: `${subject} has an expected value each time`,
    judge: (journal, { oneOf, ...at }) => {
      const observed = read(journal, at)
      const odd = observed.filter(({ facts }) => !oneOf.some((one) => isDeepStrictEqual(facts, one)))
      const found = `one of ${oneOf.length} expected values, ${observed.length} of ${observed.length} times`
      return odd.length === 0
        ? pass(found, seqsOf(observed))
        : wrong(odd, `one of: ${oneOf.map((one) => show(one)).join(', ')}`)
    },
  }
}

function wrong(odd: Parameters<typeof showObserved>[0], expected: string) {
  return fail(`${showObserved(odd)}, expected ${expected}`, seqsOf(odd))
}

function seqsOf(observed: readonly { readonly seq: number }[]): readonly number[] {
  return observed.map(({ seq }) => seq)
}
