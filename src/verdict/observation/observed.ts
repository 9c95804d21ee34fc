import type { JournalEntry } from '../../journal/journal.ts'
import { type EntryOf, entriesOf, UnjudgeableError } from '../question.ts'
import { type InSeries, recordsOfSeries } from '../series.ts'
import type { FactsGuard } from './facts.ts'

/** Facts that were observed at one place. */
export interface Observed<T> extends InSeries {
  /** `seq` of the journal entry: the evidence of a finding. */
  readonly seq: number
  /** A node, or `localhost`. */
  readonly where: string
  readonly facts: T
}

/** Part of what a question expects: the observations that it judges. It judges each of them. */
export interface AtPlace extends InSeries {
  /**
   * A node, several nodes, or `localhost`: each has to be in the series. Undefined for every place in the series. The series
   * is the last one at any of the places, unless the question names it.
   */
  readonly where?: string | readonly string[]
}

/** At least one observation, oldest first. All are valid. */
export type SomeObserved<T> = readonly [Observed<T>, ...(readonly Observed<T>[])]

/**
 * Reads the observations of one series from a journal.
 * @throws UnjudgeableError if nothing was observed at one of the places, or if facts are not valid
 */
export type ObservationReader<T> = (journal: readonly JournalEntry[], at?: AtPlace) => SomeObserved<T>

type ObservationEntry = EntryOf<'observation'>

/**
 * @param leader the subject that each series of this kind has. A series without the subject itself is not passed over: then
 *   the subject was not observed.
 */
export function observationReader<T>(
  subject: string,
  isValid: FactsGuard<T>,
  leader: string = subject,
): ObservationReader<T> {
  const missing = (where: readonly string[]) =>
    new UnjudgeableError(`${subject} was not observed${where.length > 0 ? ` on ${where.join(', ')}` : ''}`)
  return (journal, { where, series } = {}) => {
    const places = where === undefined ? undefined : [where].flat()
    if (places?.length === 0) throw new UnjudgeableError('the claim names no node')
    const ofKind = entriesOf(journal, 'observation').filter(
      (entry) =>
        (entry.subject === subject || entry.subject === leader) &&
        (places === undefined || places.includes(entry.where)),
    )
    const chosen = recordsOfSeries(ofKind, series)
    const observed = chosen.filter((entry) => entry.subject === subject)
    const left = new Set(places ?? chosen.map((entry) => entry.where)).difference(placesOf(observed))
    if (left.size > 0) throw missing([...left])
    const [first, ...more] = observed.map((entry) => validated(entry, isValid))
    if (first === undefined) throw missing([])
    return [first, ...more]
  }
}

/** Reads every observation from a journal, oldest first. None, if nothing was observed. @throws UnjudgeableError if facts are not valid */
export function observationHistory<T>(subject: string, isValid: FactsGuard<T>) {
  return (journal: readonly JournalEntry[], where?: string): readonly Observed<T>[] =>
    entriesOf(journal, 'observation')
      .filter((entry) => entry.subject === subject && (where === undefined || entry.where === where))
      .map((entry) => validated(entry, isValid))
}

function validated<T>({ subject, seq, where, facts, series }: ObservationEntry, isValid: FactsGuard<T>): Observed<T> {
  if (isValid(facts)) return { seq, where, facts, ...(series !== undefined && { series }) }
  throw new UnjudgeableError(`${subject} is ${show(facts)} on ${where}, which is not a valid observation`, [seq])
}

/** The places of observations. */
export function placesOf(observed: readonly { readonly where: string }[]): ReadonlySet<string> {
  return new Set(observed.map(({ where }) => where))
}

/** Facts in a sentence. */
export function show(facts: unknown): string {
  return typeof facts === 'string' ? facts : (JSON.stringify(facts) ?? String(facts))
}

/** Observations in a sentence: each value once, with the places where it was observed. */
export function showObserved(observed: readonly Observed<unknown>[]): string {
  const byFacts = Map.groupBy(observed, ({ facts }) => show(facts))
  return [...byFacts].map(([facts, same]) => `${facts} on ${[...placesOf(same)].join(', ')}`).join('; ')
}
