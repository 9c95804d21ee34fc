import { When } from '@cucumber/cucumber'
import { mountShares, replaceShares, unmountShares } from '../src/index.ts'
import type { NodeChoice } from './parameters/node.ts'
import type { DrillWorld } from './support/world.ts'

When('the product mounts its shares on {nodes}', async function (this: DrillWorld, nodes: NodeChoice) {
  await mountShares(this.rehearsal.lab, this.nodesOf(nodes))
})

When('the product unmounts its idle shares on {nodes}', async function (this: DrillWorld, nodes: NodeChoice) {
  await unmountShares(this.rehearsal.lab, this.nodesOf(nodes))
})

When(
  'the product of {string} is given the share {share} instead of its own',
  async function (this: DrillWorld, site: string, share: string) {
    await replaceShares(this.rehearsal.lab, site, [share])
  },
)

When("the service's container is restarted on {nodes}", async function (this: DrillWorld, nodes: NodeChoice) {
  for (const node of this.nodesOf(nodes)) await node.restartService()
})
