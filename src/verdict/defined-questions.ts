import type { AnyQuestion } from './question.ts'

const defined = new Map<string, AnyQuestion>()

/** Makes questions known by their names, so that a journal that asked them can be judged again. The last definition counts. */
export function define(questions: readonly AnyQuestion[]): void {
  for (const question of questions) defined.set(question.name, question)
}

/** Returns the questions of all observations that were defined so far, also by steps outside of this package. */
export const definedQuestions = (): readonly AnyQuestion[] => [...defined.values()]
