// Exercises
import { When } from '@cucumber/cucumber'
import { exerciseOf, runOf } from '../src/index.ts'
import type { DrillWorld } from './support/world.ts'

/**
 * Lets a team of people recover the site that came up last. Its scenario has the tag `@exercise` and a script beside it:
 * see [exercises](exercises.md). `dr-drill exercise` starts it. In another run, the scenario is not run.
 * @example When the team recovers the site within 45 minutes
 * @example When the team recovers the site
 */
When('the team recovers the site{limit}', async function (this: DrillWorld, limitMs?: number) {
  const exercise = exerciseOf(runOf(this.parameters))
  if (exercise === undefined) return this.drill.notRun('it needs a team: start it with dr-drill exercise')
  await exercise.play(this.drill, this.rehearsal, limitMs)
  return undefined
})
