// Drills that one run carries out side by side, in processes of its own.
import { Then, When } from '@cucumber/cucumber'
import { observed } from '../../src/index.ts'
import type { DrillWorld } from '../../steps/support/world.ts'
import type { DrillProcess } from './drill-process.ts'
import { start } from './harness-steps.ts'

const sideBySide = (world: DrillWorld, ...features: readonly string[]): Promise<DrillProcess> =>
  start(world, 'embedded', [...features, '--parallel', `${features.length}`])

When(
  'drills of {string} and {string} are run side by side',
  async function (this: DrillWorld, one: string, other: string) {
    await (await sideBySide(this, one, other)).observeEnd()
  },
)

When(
  'drills of {string} and {string} side by side are interrupted in the middle',
  async function (this: DrillWorld, one: string, other: string) {
    const inner = await sideBySide(this, one, other)
    await inner.untilWaiting(2)
    inner.interrupt()
    await inner.observeEnd()
  },
)

When(
  'drills of {string} and {string} are run side by side, and the process that waits is killed',
  async function (this: DrillWorld, one: string, other: string) {
    const inner = await sideBySide(this, one, other)
    await inner.untilWaiting()
    await inner.killWaitingWorker()
    await inner.observeEnd()
  },
)

When(
  'drills of {string} and {string} side by side lose the process that was started first',
  async function (this: DrillWorld, one: string, other: string) {
    const inner = await sideBySide(this, one, other)
    await inner.untilWaiting(2)
    inner.kill()
    await inner.observeEnd()
  },
)

Then('nothing of the drill is left in the ledger', function (this: DrillWorld) {
  this.drill.judge(observed, { subject: 'what is left in the ledger', facts: [] })
})

Then('the reports of the drill tell of {int} scenarios', function (this: DrillWorld, scenarios: number) {
  this.drill.judge(observed, { subject: 'scenarios in its reports', facts: [scenarios, scenarios, scenarios] })
})
