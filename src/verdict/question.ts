import { DrillError } from '../errors.ts'
import type { Finding, JournalEntry, JournalEvent, Judge } from '../journal/journal.ts'

/** A finding without its question, which `about` adds. */
export type Judgment = Omit<Finding, 'question'>

/**
 * One question about a journal. `judge` is pure: the same journal and the same expectation give the same judgment, now
 * and in a year. A judge that throws yields `unknown`.
 */
export interface Question<Expected> {
  /** The claim, as recorded and reported, e.g. `the restore has the content that was backed up`. */
  readonly name: string
  judge(journal: readonly JournalEntry[], expected: Expected): Judgment
}

/** A question whatever it expects. */
// biome-ignore lint/suspicious/noExplicitAny: an expectation that was read from a journal has no type.
export type AnyQuestion = Question<any>

/** A judge throws this if the journal does not hold what it needs. */
export class UnjudgeableError extends DrillError {
  readonly evidence: readonly number[]

  constructor(message: string, evidence: readonly number[] = []) {
    super('machine', 'unjudgeable', message)
    this.name = 'UnjudgeableError'
    this.evidence = evidence
  }
}

/** Returns the judge of one expectation. It never throws. */
export function about<Expected>(question: Question<Expected>, expected: Expected): Judge {
  return (journal) => {
    try {
      return { question: question.name, ...question.judge([...journal], expected) }
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      const evidence = error instanceof UnjudgeableError ? error.evidence : []
      return { question: question.name, ...unknown(`cannot be judged: ${why}`, evidence) }
    }
  }
}

/**
 * The claim holds.
 * @param sentence what was found, for a person
 * @param evidence `seq` of the journal entries that prove it. Without evidence the verdict is `unknown`.
 */
export function pass(sentence: string, evidence: readonly number[]): Judgment {
  return evidence.length === 0
    ? unknown(`${sentence}, but the journal holds no evidence for it`)
    : { verdict: 'pass', sentence, evidence }
}

/** The claim does not hold. */
export function fail(sentence: string, evidence: readonly number[]): Judgment {
  return { verdict: 'fail', sentence, evidence }
}

/** The journal does not show whether the claim holds. */
export function unknown(sentence: string, evidence: readonly number[] = []): Judgment {
  return { verdict: 'unknown', sentence, evidence }
}

/** Combines judgments: `fail` if any fails, else `unknown` if any is unknown, else `pass`. */
export function all(judgments: readonly Judgment[], sentence: string): Judgment {
  const evidence = [...new Set(judgments.flatMap((one) => one.evidence))].sort((a, b) => a - b)
  for (const verdict of ['fail', 'unknown'] as const) {
    const bad = judgments.filter((one) => one.verdict === verdict)
    if (bad.length === 0) continue
    const shown = bad.slice(0, 3).map((one) => one.sentence)
    const more = bad.length > shown.length ? [`and ${bad.length - shown.length} more`] : []
    return { verdict, sentence: `${bad.length} of ${judgments.length}: ${[...shown, ...more].join('; ')}`, evidence }
  }
  return judgments.length === 0 ? unknown('there is nothing to judge') : pass(sentence, evidence)
}

export type EntryOf<Kind extends JournalEvent['kind']> = Extract<JournalEntry, { readonly kind: Kind }>

/** Returns the entries of one kind, typed. */
export function entriesOf<Kind extends JournalEvent['kind']>(
  journal: readonly JournalEntry[],
  kind: Kind,
): readonly EntryOf<Kind>[] {
  return journal.filter((entry): entry is EntryOf<Kind> => entry.kind === kind)
}
