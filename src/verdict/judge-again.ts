import type { Finding, JournalEntry, Outcome } from '../journal/journal.ts'
import { examinations } from './examinations.ts'
import { type AnyQuestion, about } from './question.ts'

/** A claim of a drill, as it was judged then, and as it is judged now. */
export interface JudgedAgain {
  readonly question: string
  /** Undefined for a question that was not asked then, and is asked of every drill now. */
  readonly then?: Finding
  /** Undefined if the question is not known now. */
  readonly now?: Finding
}

export interface DrillAgain {
  readonly drill: string
  readonly name: string
  readonly location: string
  /** Undefined for a drill that never ended. */
  readonly outcome?: Outcome
  readonly claims: readonly JudgedAgain[]
}

/**
 * Judges every claim of every drill in a journal again, each by the entries before it, and asks of each drill that passed
 * what is asked of every drill now.
 * @param menu the questions that are known now
 */
export function judgeAgain(journal: readonly JournalEntry[], menu: readonly AnyQuestion[]): readonly DrillAgain[] {
  const byName = new Map(menu.map((question) => [question.name, question]))
  const byDrill = Map.groupBy(
    journal.filter(({ drill }) => drill !== undefined),
    ({ drill }) => drill ?? '',
  )
  return [...byDrill].map(([drill, entries]) => {
    const started = entries.find((entry) => entry.kind === 'drill-started')
    const outcome = entries.findLast((entry) => entry.kind === 'drill-ended')?.outcome
    const asked = entries.flatMap((entry, index) =>
      entry.kind === 'expectation' ? [claimAgain(entries, index, entry, byName.get(entry.question))] : [],
    )
    return {
      ...{ drill, name: started?.name ?? '?', location: started?.location ?? '?' },
      ...(outcome !== undefined && { outcome }),
      claims: [...asked, ...(outcome === 'passed' ? newClaims(entries, asked) : [])],
    }
  })
}

/** True for a claim whose verdict is another one now, or which was not judged then. */
export const hasChanged = ({ then, now }: JudgedAgain): boolean => now !== undefined && now.verdict !== then?.verdict

function claimAgain(
  entries: readonly JournalEntry[],
  index: number,
  { question: name, expected }: Extract<JournalEntry, { readonly kind: 'expectation' }>,
  question: AnyQuestion | undefined,
): JudgedAgain {
  // The finding follows its expectation.
  const next = entries[index + 1]
  const then = next?.kind === 'finding' && next.finding.question === name ? next.finding : undefined
  return {
    question: name,
    ...(then && { then }),
    ...(question && { now: about(question, expected)(entries.slice(0, index)) }),
  }
}

function newClaims(entries: readonly JournalEntry[], asked: readonly JudgedAgain[]): readonly JudgedAgain[] {
  return examinations.flatMap(({ question, applies }) =>
    asked.some((claim) => claim.question === question.name) || !applies(entries)
      ? []
      : [{ question: question.name, now: about(question, {})(entries) }],
  )
}
