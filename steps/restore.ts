// Restores
import { Then, When } from '@cucumber/cucumber'
import { everyRestore, everyRestoreFails, falseGreen, looksHealthy, phaseTimes } from '../src/index.ts'
import type { NodeChoice } from './parameters/node.ts'
import type { FailureChoice, RestoreChoice } from './parameters/restore.ts'
import type { DrillWorld } from './support/world.ts'

/**
 * Restores every disk of the snapshots on each of the nodes, as the product does: the appliance reads the size, the
 * node reads the data. Records what came out, and why a restore failed.
 * @example When every snapshot is restored on every compute
 * @example When snapshot 3 of "web" is restored on "compute-1" and "appliance"
 */
When(
  '{snapshots} is restored on {nodes}',
  async function (this: DrillWorld, snapshots: RestoreChoice, nodes: NodeChoice) {
    await this.restore(this.images(snapshots), this.nodesOf(nodes))
  },
)

/**
 * Judges that restores have exactly the content that was recorded when the snapshot was taken. The finding reports how many
 * snapshots these are, and on how many nodes. A claim about every snapshot fails if one was not restored.
 * @example Then every restore has the content that was backed up
 * @example Then every snapshot has the content that was backed up
 * @example Then every snapshot restored on every compute has the content that was backed up
 * @example Then every full snapshot restored on "compute-2" has the content that was backed up
 */
Then('{restores} has the content that was backed up', function (this: DrillWorld, restores: RestoreChoice) {
  this.judgeCoverage(restores)
  this.drill.judge(everyRestore, this.restores(restores))
})

/**
 * Judges that restores fail, each for this reason. The reason has to rest on what was observed on the node: an error
 * message proves nothing.
 * @example Then every incremental snapshot of "web" fails because the origin path of "10.10.2.20:/gold" is missing
 * @example Then every incremental snapshot fails because the origin path is missing on "appliance"
 * @example Then every restore fails because the share is not answering
 */
Then('{restores} fails because {reason}', function (this: DrillWorld, restores: RestoreChoice, reason: FailureChoice) {
  this.judgeCoverage(restores)
  for (const claim of this.failures(restores, reason)) this.drill.judge(everyRestoreFails, claim)
})

/**
 * Judges that restores have other content than was backed up, and that every command of theirs exited with 0.
 * @example Then every incremental snapshot has the wrong content although qemu-img succeeds
 */
Then('{restores} has the wrong content although qemu-img succeeds', function (this: DrillWorld, choice: RestoreChoice) {
  this.judgeCoverage(choice)
  const restores = this.restores(choice)
  this.drill.judge(everyRestoreFails, { ...restores, kind: 'wrong content' })
  this.drill.judge(falseGreen, restores)
})

/**
 * Runs `qemu-img info` on every image, as the product's user, and records what it reports.
 * @example When qemu-img info reads every image on "compute-1"
 */
When('qemu-img info reads every image on {nodes}', async function (this: DrillWorld, nodes: NodeChoice) {
  for (const node of this.nodesOf(nodes)) await this.rehearsal.looks.qemuImgInfo(node)
})

/**
 * Judges that `qemu-img info` reported no error the last time, on every node that it ran on: it opens no parent, and so finds
 * nothing wrong with a broken chain.
 * @example Then qemu-img info reports no error
 */
Then('qemu-img info reports no error', function (this: DrillWorld) {
  this.drill.judge(looksHealthy, { tool: 'qemu-img info' })
})

/**
 * Judges that the journal has the duration of each phase: provision, back up, baseline, disaster, recover, hand
 * over, restore.
 * @example Then the duration of each phase is known
 */
Then('the duration of each phase is known', function (this: DrillWorld) {
  this.drill.judge(phaseTimes, {})
})
