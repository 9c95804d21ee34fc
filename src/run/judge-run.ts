import type { JournalEntry } from '../journal/journal.ts'
import { definedQuestions } from '../verdict/defined-questions.ts'
import { type DrillAgain, hasChanged, judgeAgain } from '../verdict/judge-again.ts'
import { questions } from '../verdict/questions.ts'
import { CucumberProject } from './cucumber-project.ts'
import type { Selection } from './selection.ts'

/** A run that was judged again. */
export interface RunAgain {
  readonly drills: readonly DrillAgain[]
  /** Number of claims: all, those with another verdict now, and those whose question is not known now. */
  readonly claims: number
  readonly changed: number
  readonly unknown: number
}

/**
 * Judges the journal of a run again, by the questions of the menu and those that the steps of the project define.
 * @throws InputError if its steps cannot be loaded
 */
export async function judgeRun(entries: readonly JournalEntry[], selection: Selection): Promise<RunAgain> {
  const cucumber = await CucumberProject.open(selection)
  await cucumber.support
  const drills = judgeAgain(entries, [...questions, ...definedQuestions()])
  const claims = drills.flatMap((drill) => drill.claims)
  return {
    drills,
    claims: claims.length,
    changed: claims.filter(hasChanged).length,
    unknown: claims.filter(({ now }) => now === undefined).length,
  }
}
