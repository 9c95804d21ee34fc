import type { Journal, JournalEntry } from '../../journal/journal.ts'
import { define } from '../defined-questions.ts'
import type { AnyQuestion, Question } from '../question.ts'
import { type FactsGuard, isFiniteNumber, isText } from './facts.ts'
import { type ExpectedRange, type ExpectedSpeedup, isFasterThanBefore, isInRange } from './number-questions.ts'
import { type ObservationReader, type Observed, observationHistory, observationReader } from './observed.ts'
import { containsText, type ExpectedText } from './text-questions.ts'
import { type AllowedFacts, type ExpectedFacts, hasFacts, hasOneOf } from './value-questions.ts'

/** The members of every definition. */
export interface AnyObservation<T> {
  /** As recorded in the journal, e.g. `the origin path on the host`. */
  readonly subject: string
  /** Records facts that were observed on a node, or on `localhost`. */
  record(journal: Pick<Journal, 'append'>, where: string, facts: T): void
  /** Records output as it was printed. Output that is not valid is judged `unknown`. */
  recordOutput(journal: Pick<Journal, 'append'>, where: string, output: unknown): void
  /** Reads the observations of the last series, or of another one, for a question of your own. */
  readonly observed: ObservationReader<T>
  /** Reads every observation, oldest first. */
  readonly history: (journal: readonly JournalEntry[], where?: string) => readonly Observed<T>[]
  /** Asks whether the facts are the expected ones, at each place of the series. */
  readonly is: Question<ExpectedFacts<T>>
  /** Asks whether the facts were, each time in the series, one of those that are allowed. */
  readonly isOneOf: Question<AllowedFacts<T>>
  /** All of its questions, for `rejudge`. */
  readonly questions: readonly AnyQuestion[]
}

/** The additional members of a definition whose facts are numbers. */
export interface NumberObservation {
  /** Asks whether the number is in a range, both ends included, at each place of the series. */
  readonly isBetween: Question<ExpectedRange>
  /** Asks whether the time in the last series is so many times shorter than in the one before it. */
  readonly isFaster: Question<ExpectedSpeedup>
}

/** The additional members of a definition whose facts are text. */
export interface TextObservation {
  /** Asks whether the text contains another one, at each place of the series. White space does not matter. */
  readonly mentions: Question<ExpectedText>
}

export type ObservationDefinition<T> = AnyObservation<T> &
  ([T] extends [number] ? NumberObservation : unknown) &
  ([T] extends [string] ? TextObservation : unknown)

export interface ObservationOptions {
  /**
   * An observation that each `When` of this kind records, e.g. the exit code of the same command. The last series is the last
   * one that has it. Without it, a `When` that did not record the subject would leave an earlier one to be judged.
   */
  readonly recordedWith?: Pick<AnyObservation<never>, 'subject'>
}

/**
 * Defines one kind of observation: the `When` that records it and the `Then` that judges it share its type.
 *
 * A `When` records a series: everything that it observes, on one node or on several. A question judges a series as a whole:
 * by default the last one.
 * @param subject as recorded and reported, e.g. `the origin path on the host`
 * @param isValid true for valid facts, e.g. `isOneOf('missing', 'empty', 'filled')`: others are judged `unknown`
 */
export function defineObservation<T>(
  subject: string,
  isValid: FactsGuard<T>,
  { recordedWith }: ObservationOptions = {},
): ObservationDefinition<T> {
  const leader = recordedWith?.subject
  const observed = observationReader(subject, isValid, leader)
  const history = observationHistory(subject, isValid)
  const recordOutput: AnyObservation<T>['recordOutput'] = (journal, where, facts) =>
    void journal.append({ kind: 'observation', subject, where, facts })
  // The questions that the type leaves out are there all the same: asked of facts of another type they yield `unknown`.
  const isNumber: FactsGuard<T & number> = (facts) => isFiniteNumber(facts) && isValid(facts)
  const numbers = observationReader(subject, isNumber, leader)
  const texts = observationReader(subject, (facts) => isText(facts) && isValid(facts), leader)
  const is = hasFacts(subject, observed)
  const isOneOf = hasOneOf(subject, observed)
  const isBetween = isInRange(subject, numbers)
  const isFaster = isFasterThanBefore(subject, observationHistory(subject, isNumber))
  const mentions = containsText(subject, texts)
  const questions = [is, isOneOf, isBetween, isFaster, mentions]
  define(questions)
  const all: AnyObservation<T> & NumberObservation & TextObservation = {
    ...{ subject, record: recordOutput, recordOutput, observed, history },
    ...{ is, isOneOf, isBetween, isFaster, mentions, questions },
  }
  return all as unknown as ObservationDefinition<T>
}
