import type { Finding, JournalEntry } from '../journal/journal.ts'
import { everyRestore, everyRestoreFails, onlyFullsRestore } from './claim/every-restore.ts'
import { failedFor } from './claim/failed-for.ts'
import { falseGreen } from './claim/false-green.ts'
import { recoveryTime } from './claim/objectives.ts'
import { phaseTimes } from './claim/phase-times.ts'
import { recordedContent } from './claim/recorded-content.ts'
import { everyFailureExamined } from './claim/unexamined.ts'
import { between } from './observation/between.ts'
import { faster } from './observation/faster.ts'
import { looksHealthy } from './observation/looks-healthy.ts'
import { mentioned } from './observation/mentioned.ts'
import { nothingLeft } from './observation/nothing-left.ts'
import { observed } from './observation/observed.ts'
import { oneOf } from './observation/one-of.ts'
import { everyRunbookExamined, runbookEnd } from './observation/runbook.ts'
import { about, type Question } from './question.ts'

/** Every question that can be asked. */
export const questions = [
  recordedContent,
  failedFor,
  everyRestore,
  onlyFullsRestore,
  everyRestoreFails,
  falseGreen,
  looksHealthy,
  mentioned,
  observed,
  between,
  faster,
  oneOf,
  phaseTimes,
  recoveryTime,
  nothingLeft,
  everyFailureExamined,
  runbookEnd,
  everyRunbookExamined,
] as const

/** Judges every recorded expectation again, each by what the journal (of one drill) held when it was asked. */
export function rejudge(journal: readonly JournalEntry[]): readonly Finding[] {
  const byName = new Map(questions.map((question) => [question.name, question as Question<unknown>]))
  return journal.flatMap((entry, index) => {
    if (entry.kind !== 'expectation') return []
    const question = byName.get(entry.question)
    if (question === undefined) {
      return [
        { verdict: 'unknown', question: entry.question, sentence: 'nobody knows how to judge this', evidence: [] },
      ]
    }
    return [about(question, entry.expected)(journal.slice(0, index))]
  })
}
