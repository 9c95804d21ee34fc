import { When } from '@cucumber/cucumber'
import {
  addBindToFstab,
  addShareAndBindToFstab,
  addUnescapedShareToFstab,
  bindByHand,
  unbindByHand,
} from '../src/index.ts'
import type { NodeChoice } from './parameters/node.ts'
import type { DrillWorld } from './support/world.ts'

When('an operator binds the origin path by hand on {nodes}', async function (this: DrillWorld, nodes: NodeChoice) {
  await this.rehearsal.recovery.byHand(this.nodesOf(nodes), bindByHand)
})

When('an operator unbinds the origin path by hand on {nodes}', async function (this: DrillWorld, nodes: NodeChoice) {
  await this.rehearsal.recovery.byHand(this.nodesOf(nodes), unbindByHand)
})

When("an operator adds the page's line to fstab on {nodes}", async function (this: DrillWorld, nodes: NodeChoice) {
  await this.rehearsal.recovery.byHand(this.nodesOf(nodes), addBindToFstab)
})

When(
  "an operator has the share in fstab before the page's line on {nodes}",
  async function (this: DrillWorld, nodes: NodeChoice) {
    await this.rehearsal.recovery.byHand(this.nodesOf(nodes), addShareAndBindToFstab)
  },
)

When(
  "an operator has the share in fstab before the page's line, with its blanks as they are, on {nodes}",
  async function (this: DrillWorld, nodes: NodeChoice) {
    await this.rehearsal.recovery.byHand(this.nodesOf(nodes), addUnescapedShareToFstab)
  },
)
