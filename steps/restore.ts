import { Then, When } from '@cucumber/cucumber'
import { everyRestore, everyRestoreFails, falseGreen, looksHealthy, phaseTimes } from '../src/index.ts'
import type { DrillWorld } from './support/world.ts'

When('every snapshot of every disk is restored on {string}', async function (this: DrillWorld, node: string) {
  await this.restore(this.rehearsal.images, [this.rehearsal.node(node)])
})

When('every snapshot of every disk is restored on every node', async function (this: DrillWorld) {
  await this.restore(this.rehearsal.images, this.nodes)
})

When('every snapshot of every disk is restored on every compute', async function (this: DrillWorld) {
  await this.restore(this.rehearsal.images, this.computes)
})

When(
  'snapshot {int} of {string} is restored on {string}',
  async function (this: DrillWorld, snapshot: number, workload: string, node: string) {
    const images = this.rehearsal.images.filter((one) => one.workload === workload && one.snapshot === snapshot)
    await this.restore(images, [this.rehearsal.node(node)])
  },
)

When(
  'the full snapshot of {string} is restored on {string}',
  async function (this: DrillWorld, workload: string, node: string) {
    const images = this.rehearsal.images.filter((one) => one.workload === workload && one.snapshot === 1)
    await this.restore(images, [this.rehearsal.node(node)])
  },
)

When('{string} looks at every image on {string}', async function (this: DrillWorld, tool: string, node: string) {
  if (tool !== 'qemu-img info') throw new Error(`nobody knows how "${tool}" looks at images; known is "qemu-img info"`)
  await this.rehearsal.lookWithQemuImg(this.rehearsal.node(node))
})

Then('{string} finds nothing wrong', function (this: DrillWorld, tool: string) {
  this.drill.judge(looksHealthy, { subject: tool })
})

Then('every/the restore has the content that was backed up', function (this: DrillWorld) {
  this.drill.judge(everyRestore, this.restores())
})

Then('every restore on {string} has the content that was backed up', function (this: DrillWorld, node: string) {
  this.drill.judge(everyRestore, this.restores({ node }))
})

Then('every full snapshot has the content that was backed up', function (this: DrillWorld) {
  this.drill.judge(everyRestore, this.restores({ type: 'full' }))
})

Then(
  'every full snapshot restored on {string} has the content that was backed up',
  function (this: DrillWorld, node: string) {
    this.drill.judge(everyRestore, this.restores({ type: 'full', node }))
  },
)

Then('every/the restore fails because the origin path {string} is missing', function (this: DrillWorld, path: string) {
  this.drill.judge(everyRestoreFails, { ...this.restores(), kind: 'origin path missing', path })
})

Then(
  'every incremental snapshot fails because the origin path {string} is missing',
  function (this: DrillWorld, path: string) {
    this.drill.judge(everyRestoreFails, {
      ...this.restores({ type: 'incremental' }),
      kind: 'origin path missing',
      path,
    })
  },
)

Then(
  'every incremental snapshot restored on {string} fails there because the origin path is missing',
  function (this: DrillWorld, node: string) {
    const { originPath: path } = this.rehearsal
    const where = this.rehearsal.node(node).where
    const restores = this.restores({ type: 'incremental', node })
    this.drill.judge(everyRestoreFails, { ...restores, kind: 'origin path missing', path, node: where })
  },
)

Then(
  'every incremental snapshot fails on {string} because the origin path is missing',
  function (this: DrillWorld, node: string) {
    const { originPath: path } = this.rehearsal
    const where = this.rehearsal.node(node).where
    const restores = this.restores({ type: 'incremental' })
    this.drill.judge(everyRestoreFails, { ...restores, kind: 'origin path missing', path, node: where })
  },
)

Then('every incremental snapshot fails because the origin path is empty', function (this: DrillWorld) {
  const { originPath: path } = this.rehearsal
  this.drill.judge(everyRestoreFails, { ...this.restores({ type: 'incremental' }), kind: 'origin path empty', path })
})

Then('every/the restore fails because the share is not answering', function (this: DrillWorld) {
  this.drill.judge(everyRestoreFails, { ...this.restores(), kind: 'not answering' })
})

Then('every incremental snapshot has the wrong content although qemu-img succeeds', function (this: DrillWorld) {
  const restores = this.restores({ type: 'incremental' })
  this.drill.judge(everyRestoreFails, { ...restores, kind: 'wrong content' })
  for (const restore of restores.restores) this.drill.judge(falseGreen, { restore })
})

Then('the time of each phase is known', function (this: DrillWorld) {
  this.drill.judge(phaseTimes, { phases: ['provision', 'back up', 'baseline', 'disaster', 'recover', 'restore'] })
})
