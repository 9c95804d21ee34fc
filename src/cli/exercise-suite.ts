import { join } from 'node:path'
import { InputError } from '../errors.ts'
import { type ExerciseFiles, type ExercisePlaces, nodesNamedBy } from '../exercise/exercise-file.ts'
import { packageFolder } from '../project/package.ts'
import { openProject } from '../project/project.ts'
import type { Suite } from '../run/suite.ts'
import { selectionOf } from './run-settings.ts'

/** Where commands search exercises: in the project, and among those of dr-drill. */
export function exercisePlaces(): ExercisePlaces {
  return { project: process.cwd(), shipped: join(packageFolder(), 'exercises') }
}

/** Checks the feature of an exercise before anything starts. @throws InputError */
export async function exerciseSuite({ project, feature, script }: ExerciseFiles): Promise<Suite> {
  // Every other command would wait for Cucumber to load.
  const { prepareSuite } = await import('../run/suite.ts')
  const selection = selectionOf(openProject(project), [feature], { tags: '@exercise' })
  const teamNodes = nodesNamedBy(script).join(',')
  const suite = await prepareSuite({
    ...selection,
    parameters: { ...selection.parameters, ...(teamNodes !== '' && { teamNodes }) },
  })
  if (suite.scenarios.length !== 1)
    throw new InputError(`${feature} must have exactly one scenario, and has ${suite.scenarios.length}`)
  return suite
}
