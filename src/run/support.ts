/**
 * Support code that every run loads before the user's: each scenario becomes a drill of the run, and it is cleaned up
 * after all other hooks. Cucumber's own time limit of a step is off, since every command has a deadline of its own.
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
  run.startDrill(scenarioOf(pickle, gherkinDocument), backgroundOf(pickle, gherkinDocument))
  return undefined
})

BeforeStep(async function (this: IWorld, { pickleStep }) {
  const run = runOf(this.parameters)
  run.signal.throwIfAborted()
  try {
    await run.drill.background?.beforeStep(pickleStep.id)
  } catch (error) {
    // Of a hook Cucumber keeps the message only, and with it nobody knows whose fault it was.
    run.drill.recordError(error)
    throw error
  }
})

AfterStep(function (this: IWorld, { pickleStep, result, error }) {
  const { drill } = runOf(this.parameters)
  drill.background?.afterStep(pickleStep.id, result?.status === Status.PASSED)
  if (error !== undefined) drill.recordError(error)
  // The result is absent when a hook kept the step from running.
  if (result?.status === Status.SKIPPED) drill.notRun(`"${pickleStep.text}" gave up without a reason`)
  if (result?.status === Status.PENDING) {
    drill.recordError(new DrillError('failure', 'pending', `the step "${pickleStep.text}" is not written yet`))
  }
})

After({ name: 'end the drill' }, async function (this: IWorld, { result }) {
  const run = runOf(this.parameters)
  if (!run.hasDrill) return
  if (result?.status === Status.FAILED && !run.drill.hasError) {
    run.drill.recordError(new DrillError('failure', 'hook-failed', result.message ?? 'a hook failed'))
  }
  if (result?.status === Status.SKIPPED) run.drill.notRun('a hook gave up without a reason')
  const { lateError } = await run.endDrill()
  if (lateError !== undefined) throw lateError
})
