import type { Finding, JournalEntry } from '../drill/journal.ts'
import { between } from './between.ts'
import { everyRestore, everyRestoreFails, onlyFullsRestore } from './every-restore.ts'
import { failedFor } from './failed-for.ts'
import { falseGreen } from './false-green.ts'
import { faster } from './faster.ts'
import { looksHealthy } from './looks-healthy.ts'
import { mentioned } from './mentioned.ts'
import { nothingLeft } from './nothing-left.ts'
import { recoveryTime } from './objectives.ts'
import { observed } from './observed.ts'
import { oneOf } from './one-of.ts'
import { phaseTimes } from './phase-times.ts'
import { about, type Question } from './question.ts'
import { recordedContent } from './recorded-content.ts'
import { everyRunbookExamined, runbookEnd } from './runbook.ts'
import { everyFailureExamined } from './unexamined.ts'

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
