import { Then, When } from '@cucumber/cucumber'
import { everyRestore, everyRestoreFails, falseGreen, looksHealthy, phaseTimes } from '../src/index.ts'
import type { NodeChoice } from './parameters/node.ts'
import type { FailureChoice, RestoreChoice } from './parameters/restore.ts'
import type { DrillWorld } from './support/world.ts'

When(
  '{snapshots} is restored on {nodes}',
  async function (this: DrillWorld, snapshots: RestoreChoice, nodes: NodeChoice) {
    await this.restore(this.images(snapshots), this.nodesOf(nodes))
  },
)

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

Then('{restores} fails because {reason}', function (this: DrillWorld, restores: RestoreChoice, reason: FailureChoice) {
  for (const claim of this.failures(restores, reason)) this.drill.judge(everyRestoreFails, claim)
})

Then('{restores} has the wrong content although qemu-img succeeds', function (this: DrillWorld, choice: RestoreChoice) {
  const restores = this.restores(choice)
  this.drill.judge(everyRestoreFails, { ...restores, kind: 'wrong content' })
  for (const restore of restores.restores) this.drill.judge(falseGreen, { restore })
})

Then('the time of each phase is known', function (this: DrillWorld) {
  this.drill.judge(phaseTimes, {})
})
