import type { JournalEntry } from '../../journal/journal.ts'
import { entriesOf, UnjudgeableError } from '../question.ts'
import type { FactsGuard } from './facts.ts'

/** Facts that were observed at one place. */
export interface Observed<T> {
  /** Of the entry in the journal: the evidence of a finding. */
  readonly seq: number
  /** A node, or `localhost`. */
  readonly where: string
  readonly facts: T
}

/** Part of what a question expects: the place that it asks about. */
export interface AtPlace {
  /** A node, or `localhost`. Undefined for any place. */
  readonly where?: string
}

/**
 * Reads observations from a journal, oldest first. At least one, and all of them valid.
 * @throws UnjudgeableError if nothing was observed there, or if facts are not valid
 */
export type ObservationReader<T> = (
  journal: readonly JournalEntry[],
  where?: string,
) => readonly [Observed<T>, ...(readonly Observed<T>[])]

export function observationReader<T>(subject: string, isValid: FactsGuard<T>): ObservationReader<T> {
  return (journal, where) => {
    const observed = entriesOf(journal, 'observation')
      .filter((entry) => entry.subject === subject && (where === undefined || entry.where === where))
      .map(({ seq, where: place, facts }) => {
        if (isValid(facts)) return { seq, where: place, facts }
        throw new UnjudgeableError(`${subject} is ${show(facts)} on ${place}, which is not a valid observation`, [seq])
      })
    const [first, ...more] = observed
    if (first !== undefined) return [first, ...more]
    throw new UnjudgeableError(`${subject} was not observed${where === undefined ? '' : ` on ${where}`}`)
  }
}

/** Facts in a sentence. */
export function show(facts: unknown): string {
  return typeof facts === 'string' ? facts : (JSON.stringify(facts) ?? String(facts))
}
