import type { JournalEntry } from '../journal/journal.ts'
import { hasExercise, objectivesMet, teamFinishes } from './claim/exercise-claims.ts'
import { everyFailureExamined, unexaminedFailures } from './claim/unexamined.ts'
import { everyManagerRunExamined, unexaminedManagerRuns } from './observation/manager-run.ts'
import { everyRunbookExamined, unexaminedRunbooks } from './observation/runbook-end.ts'
import type { Question } from './question.ts'

/** A question that is asked of every drill, whatever its scenario claims. */
export interface Examination {
  readonly question: Question<Record<never, never>>
  /** True if the question is to be asked: a step left something unexamined. */
  readonly applies: (journal: readonly JournalEntry[]) => boolean
}

/** In the order in which they are asked. */
export const examinations: readonly Examination[] = [
  { question: everyFailureExamined, applies: (journal) => unexaminedFailures(journal).length > 0 },
  { question: everyManagerRunExamined, applies: (journal) => unexaminedManagerRuns(journal).length > 0 },
  { question: everyRunbookExamined, applies: (journal) => unexaminedRunbooks(journal).length > 0 },
  { question: teamFinishes, applies: hasExercise },
  { question: objectivesMet, applies: hasExercise },
]
