import { Then, When } from '@cucumber/cucumber'
import {
  inTheService,
  lookAtOriginPath,
  lookAtShares,
  observed,
  onTheHost,
  shareAtLocal,
  shareAtOrigin,
} from '../src/index.ts'
import type { NodeChoice } from './parameters/node.ts'
import type { DrillWorld } from './support/world.ts'

When('the origin path is looked at on {nodes}', async function (this: DrillWorld, nodes: NodeChoice) {
  await lookAtOriginPath(this.rehearsal, this.nodesOf(nodes))
})

When('what is mounted is looked at on {nodes}', async function (this: DrillWorld, nodes: NodeChoice) {
  await lookAtShares(this.rehearsal, this.nodesOf(nodes))
})

Then(
  'the host finds the origin path {sight} on {nodes}',
  function (this: DrillWorld, sight: string, nodes: NodeChoice) {
    for (const { where } of this.nodesOf(nodes)) this.drill.judge(observed, { subject: onTheHost, where, facts: sight })
  },
)

Then(
  'the service finds the origin path {sight} on {nodes}',
  function (this: DrillWorld, sight: string, nodes: NodeChoice) {
    for (const { where } of this.nodesOf(nodes))
      this.drill.judge(observed, { subject: inTheService, where, facts: sight })
  },
)

Then(
  'the origin path leads to {share}, and the local path to {share}, on {nodes}',
  function (this: DrillWorld, origin: string, local: string, nodes: NodeChoice) {
    for (const { where } of this.nodesOf(nodes)) {
      this.drill.judge(observed, { subject: shareAtOrigin, where, facts: origin })
      this.drill.judge(observed, { subject: shareAtLocal, where, facts: local })
    }
  },
)
