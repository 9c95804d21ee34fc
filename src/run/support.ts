/**
 * Support code that every run loads before the user's. Each scenario becomes a drill of the run, which is cleaned up
 * after all other hooks. Cucumber's own timeout of a step is off, because every command has a deadline.
 */
import { After, AfterStep, Before, BeforeStep, type IWorld, Status, setDefaultTimeout } from '@cucumber/cucumber'
import { backgroundOf } from '../drill/background.ts'
import { runOf } from '../drill/run-context.ts'
import { DrillError } from '../errors.ts'
import { scenarioOf } from '../journal/scenario.ts'

setDefaultTimeout(-1)

Before({ name: 'begin the drill' }, function (this: IWorld, { pickle, gherkinDocument }) {
  const run = runOf(this.parameters)
  if (run.whyStopped !== undefined) return 'skipped'
  const tags = pickle.tags.map(({ name }) => name)
  run.startDrill({ ...scenarioOf(pickle, gherkinDocument), tags }, backgroundOf(pickle, gherkinDocument))
  return undefined
})

BeforeStep(async function (this: IWorld, { pickleStep }) {
  const run = runOf(this.parameters)
  run.signal.throwIfAborted()
  try {
    await run.drill.background?.beforeStep(pickleStep.id)
    run.drill.openSeries()
  } catch (error) {
    // Cucumber keeps only the message of a hook's error, not its blame.
    run.drill.recordError(error)
    throw error
  }
})

AfterStep(function (this: IWorld, { pickleStep, result, error }) {
  const { drill } = runOf(this.parameters)
  drill.background?.afterStep(pickleStep.id, result?.status === Status.PASSED)
  if (error !== undefined) drill.recordError(error)
  // The result is undefined if a hook prevented the step from running.
  if (result?.status === Status.SKIPPED) drill.notRun(`the step "${pickleStep.text}" was skipped without a reason`)
  if (result?.status === Status.PENDING) {
    drill.recordError(new DrillError('failure', 'pending', `the step "${pickleStep.text}" is pending`))
  }
})

After({ name: 'end the drill' }, async function (this: IWorld, { result }) {
  const run = runOf(this.parameters)
  if (!run.hasDrill) return
  if (result?.status === Status.FAILED && !run.drill.hasError) {
    run.drill.recordError(new DrillError('failure', 'hook-failed', result.message ?? 'a hook failed'))
  }
  if (result?.status === Status.SKIPPED) run.drill.notRun('a hook skipped the scenario without a reason')
  const { lateError } = await run.endDrill()
  if (lateError !== undefined) throw lateError
})
