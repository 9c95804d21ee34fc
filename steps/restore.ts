import { Then, When } from '@cucumber/cucumber'
import { everyRestore, everyRestoreFails, falseGreen, looksHealthy, phaseTimes } from '../src/index.ts'
import type { DrillWorld, RestoreChoice } from './support/world.ts'

When('every snapshot of every disk is restored on {node}', async function (this: DrillWorld, node: string) {
  await this.restore(this.rehearsal.images, [this.rehearsal.node(node)])
})

When('every snapshot of every disk is restored on every node', async function (this: DrillWorld) {
  await this.restore(this.rehearsal.images, this.nodes)
})

When('every snapshot of every disk is restored on every compute', async function (this: DrillWorld) {
  await this.restore(this.rehearsal.images, this.computes)
})

When(
  'every snapshot of every disk is restored on {node} and {node}',
  async function (this: DrillWorld, one: string, other: string) {
    await this.restore(this.rehearsal.images, [this.rehearsal.node(one), this.rehearsal.node(other)])
  },
)

When('{snapshot} is restored on {node}', async function (this: DrillWorld, snapshot: RestoreChoice, node: string) {
  await this.restore(this.images(snapshot), [this.rehearsal.node(node)])
})

When('{string} looks at every image on {node}', async function (this: DrillWorld, tool: string, node: string) {
  if (tool !== 'qemu-img info') throw new Error(`nobody knows how "${tool}" looks at images; known is "qemu-img info"`)
  await this.rehearsal.lookWithQemuImg(this.rehearsal.node(node))
})

Then('{string} finds nothing wrong', function (this: DrillWorld, tool: string) {
  this.drill.judge(looksHealthy, { subject: tool })
})

Then('{restores} has the content that was backed up', function (this: DrillWorld, restores: RestoreChoice) {
  this.drill.judge(everyRestore, this.restores(restores))
})

Then('{snapshot} has the content that was backed up', function (this: DrillWorld, snapshot: RestoreChoice) {
  this.drill.judge(everyRestore, this.restores(snapshot))
})

Then(
  '{restores} fails because the origin path {string} is missing',
  function (this: DrillWorld, restores: RestoreChoice, path: string) {
    this.drill.judge(everyRestoreFails, { ...this.restores(restores), kind: 'origin path missing', path })
  },
)

Then(
  '{snapshot} fails because the origin path {string} is missing',
  function (this: DrillWorld, snapshot: RestoreChoice, path: string) {
    this.drill.judge(everyRestoreFails, { ...this.restores(snapshot), kind: 'origin path missing', path })
  },
)

Then('{restores} fails there because the origin path is missing', function (this: DrillWorld, choice: RestoreChoice) {
  const { originPath: path } = this.rehearsal
  const restores = this.restores(choice)
  const [node] = restores.nodes
  if (node === undefined || restores.nodes.length > 1) throw new Error('on which node does it fail?')
  this.drill.judge(everyRestoreFails, { ...restores, kind: 'origin path missing', path, node })
})

Then(
  '{restores} fails on {node} because the origin path is missing',
  function (this: DrillWorld, restores: RestoreChoice, node: string) {
    const { originPath: path } = this.rehearsal
    const { where } = this.rehearsal.node(node)
    this.drill.judge(everyRestoreFails, { ...this.restores(restores), kind: 'origin path missing', path, node: where })
  },
)

Then(
  '{restores} fails because the origin path {string} is empty',
  function (this: DrillWorld, restores: RestoreChoice, path: string) {
    this.drill.judge(everyRestoreFails, { ...this.restores(restores), kind: 'origin path empty', path })
  },
)

Then('{restores} fails because the origin path is empty', function (this: DrillWorld, restores: RestoreChoice) {
  const { originPath: path } = this.rehearsal
  this.drill.judge(everyRestoreFails, { ...this.restores(restores), kind: 'origin path empty', path })
})

Then('{restores} fails because its parent is missing', function (this: DrillWorld, choice: RestoreChoice) {
  this.drill.judge(everyRestoreFails, { ...this.restores(choice), kind: 'parent missing' })
  for (const { image, restores } of this.restoresByImage(choice)) {
    const path = this.rehearsal.holdings.parentPathOf(image)
    this.drill.judge(everyRestoreFails, { ...restores, kind: 'parent missing', path })
  }
})

Then('{restores} fails because the share is not answering', function (this: DrillWorld, restores: RestoreChoice) {
  this.drill.judge(everyRestoreFails, { ...this.restores(restores), kind: 'not answering' })
})

Then('{restores} has the wrong content although qemu-img succeeds', function (this: DrillWorld, choice: RestoreChoice) {
  const restores = this.restores(choice)
  this.drill.judge(everyRestoreFails, { ...restores, kind: 'wrong content' })
  for (const restore of restores.restores) this.drill.judge(falseGreen, { restore })
})

Then('the time of each phase is known', function (this: DrillWorld) {
  this.drill.judge(phaseTimes, {})
})
