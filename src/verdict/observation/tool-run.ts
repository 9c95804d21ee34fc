import { fail, pass, type Question } from '../question.ts'
import { defineObservation, type ObservationDefinition } from './define-observation.ts'
import { type AtPlace, placesOf } from './observed.ts'

/** One run of a tool. Its exit code proves nothing about restores, but people trust it. */
export interface ToolRun {
  /** Null if a signal ended it. */
  readonly exitCode: number | null
}

/** Defines the runs of one tool, e.g. `qemu-img info`. */
export function toolRuns(tool: string): ObservationDefinition<ToolRun> {
  return defineObservation(tool, isToolRun)
}

function isToolRun(facts: unknown): facts is ToolRun {
  if (typeof facts !== 'object' || facts === null || !('exitCode' in facts)) return false
  return facts.exitCode === null || typeof facts.exitCode === 'number'
}

/** Asks whether a tool exits with 0 each time in a series. Then everything looks healthy to people who trust it. */
export const looksHealthy: Question<AtPlace & { readonly tool: string }> = {
  name: 'the tool reports no problem',
  judge: (journal, { tool, ...at }) => {
    const runs = toolRuns(tool).observed(journal, at)
    const evidence = runs.map(({ seq }) => seq)
    const bad = runs.filter(({ facts }) => facts.exitCode !== 0)
    return bad.length > 0
      ? fail(`${tool} does not exit with 0 on ${[...placesOf(bad)].join(', ')}`, evidence)
      : pass(`${tool} exits with 0, ${runs.length} of ${runs.length} times`, evidence)
  },
}
