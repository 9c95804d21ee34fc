// An inner run with several workers.
import { Then, When } from '@cucumber/cucumber'
import type { DrillWorld } from '../../steps/support/world.ts'
import type { DrillProcess } from './drill-process.ts'
import { start } from './harness-steps.ts'
import { leftInLedger, reportedScenarios } from './observations.ts'

const runInParallel = (world: DrillWorld, ...features: readonly string[]): Promise<DrillProcess> =>
  start(world, 'embedded', [...features, '--parallel', `${features.length}`])

When('dr-drill runs {string} and {string} in parallel', async function (this: DrillWorld, one: string, other: string) {
  await (await runInParallel(this, one, other)).observeEnd()
})

When(
  'dr-drill runs {string} and {string} in parallel and is interrupted',
  async function (this: DrillWorld, one: string, other: string) {
    const inner = await runInParallel(this, one, other)
    await inner.untilWaiting(2)
    inner.interrupt()
    await inner.observeEnd()
  },
)

When(
  'dr-drill runs {string} and {string} in parallel and the worker that waits is killed',
  async function (this: DrillWorld, one: string, other: string) {
    const inner = await runInParallel(this, one, other)
    await inner.untilWaiting()
    await inner.killWaitingWorker()
    await inner.observeEnd()
  },
)

When(
  'dr-drill runs {string} and {string} in parallel and its main process is killed',
  async function (this: DrillWorld, one: string, other: string) {
    const inner = await runInParallel(this, one, other)
    await inner.untilWaiting(2)
    inner.kill()
    await inner.observeEnd()
  },
)

Then('the ledger lists no run of the drill', function (this: DrillWorld) {
  this.drill.judge(leftInLedger.is, { facts: [] })
})

Then('each report of the drill lists {int} scenarios', function (this: DrillWorld, scenarios: number) {
  this.drill.judge(reportedScenarios.is, { facts: [scenarios, scenarios, scenarios] })
})
