// Nodes
import { Then, When } from '@cucumber/cucumber'
import { defineObservation, isText } from '../src/index.ts'
import type { NodeChoice } from './parameters/node.ts'
import type { DrillWorld } from './support/world.ts'

const filesBeforePowerCut = defineObservation('the files before the power cut', isText)
const filesAfterPowerCut = defineObservation('the files after the power cut', isText)

/**
 * Shuts nodes down in order and waits until they have booted again.
 * @example When every node is rebooted
 */
When('{nodes} is/are rebooted', async function (this: DrillWorld, nodes: NodeChoice) {
  await this.rehearsal.nodes.reboot(this.nodesOf(nodes))
})

/**
 * Cuts the power of nodes without a warning, and boots them again.
 * @example When every node loses power and boots again
 */
When('{nodes} loses/lose power and boots/boot again', async function (this: DrillWorld, nodes: NodeChoice) {
  await this.rehearsal.nodes.cutPower(this.nodesOf(nodes))
})

/**
 * Stops the processors of nodes. They keep their connections, and answer nothing.
 * @example When "appliance" is paused
 */
When('{nodes} is/are paused', async function (this: DrillWorld, nodes: NodeChoice) {
  for (const node of this.nodesOf(nodes)) await node.pause()
})

/**
 * Writes one file with sync and one without, to see later that a power cut was a real one.
 * @example When every node writes a synced and an unsynced file
 */
When('{nodes} writes/write a synced and an unsynced file', async function (this: DrillWorld, nodes: NodeChoice) {
  const write = 'echo here >/root/synced; sync /root/synced /root; echo here >/root/unsynced; cat /root/unsynced'
  await this.rehearsal.looks.run(filesBeforePowerCut, this.nodesOf(nodes), write)
})

/**
 * Records which of the two files nodes still have.
 * @example When the written files on every node are recorded
 */
When('the written files on {nodes} are recorded', async function (this: DrillWorld, nodes: NodeChoice) {
  const look = 'for file in synced unsynced; do [ -s /root/$file ] && echo $file: kept || echo $file: lost; done'
  await this.rehearsal.looks.run(filesAfterPowerCut, this.nodesOf(nodes), look)
})

/**
 * Judges that the power cut was a real one: the unsynced file is lost.
 * @example Then every node has kept only the synced file
 */
Then('{nodes} has/have kept only the synced file', function (this: DrillWorld, nodes: NodeChoice) {
  this.drill.judge(filesAfterPowerCut.is, { ...this.on(nodes), facts: 'synced: kept\nunsynced: lost' })
})
