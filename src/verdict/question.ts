import type { Finding, JournalEntry, JournalEvent, Judge } from '../journal/journal.ts'

/** What a judge has found; the question is added by `about`. */
export type Judgement = Omit<Finding, 'question'>

/**
 * One question that can be asked of a journal. `judge` is pure: the same journal and the same expectation give the
 * same judgement, now and in a year. It may throw: that is `unknown`.
 */
export interface Question<Expected> {
  /** As it is recorded and reported, e.g. `the restore has the content that was backed up`. */
  readonly name: string
  judge(journal: readonly JournalEntry[], expected: Expected): Judgement
}

/** The judge of one expectation. It never throws: a judge that crashes has found out nothing. */
export function about<Expected>(question: Question<Expected>, expected: Expected): Judge {
  return (journal) => {
    try {
      return { question: question.name, ...question.judge([...journal], expected) }
    } catch (error) {
      const what = error instanceof Error ? error.message : String(error)
      return { question: question.name, ...unknown(`it could not be judged: ${what}`) }
    }
  }
}

export function pass(sentence: string, evidence: readonly number[]): Judgement {
  // A claim that rests on nothing is not proven, whoever says so.
  return evidence.length === 0
    ? unknown(`${sentence}, it seems, but there is no evidence`)
    : { verdict: 'pass', sentence, evidence }
}

export function fail(sentence: string, evidence: readonly number[]): Judgement {
  return { verdict: 'fail', sentence, evidence }
}

export function unknown(sentence: string, evidence: readonly number[] = []): Judgement {
  return { verdict: 'unknown', sentence, evidence }
}

/** The worst of several: one that fails decides, then one that is unknown. */
export function all(judgements: readonly Judgement[], sentence: string): Judgement {
  const evidence = [...new Set(judgements.flatMap((one) => one.evidence))].sort((a, b) => a - b)
  for (const verdict of ['fail', 'unknown'] as const) {
    const bad = judgements.filter((one) => one.verdict === verdict)
    if (bad.length === 0) continue
    const shown = bad.slice(0, 3).map((one) => one.sentence)
    const more = bad.length > shown.length ? [`and ${bad.length - shown.length} more`] : []
    return { verdict, sentence: `${bad.length} of ${judgements.length}: ${[...shown, ...more].join('; ')}`, evidence }
  }
  return judgements.length === 0 ? unknown('there was nothing to judge') : pass(sentence, evidence)
}

export type EntryOf<Kind extends JournalEvent['kind']> = Extract<JournalEntry, { readonly kind: Kind }>

export function entriesOf<Kind extends JournalEvent['kind']>(
  journal: readonly JournalEntry[],
  kind: Kind,
): readonly EntryOf<Kind>[] {
  return journal.filter((entry): entry is EntryOf<Kind> => entry.kind === kind)
}
