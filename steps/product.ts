// The backup product
import { When } from '@cucumber/cucumber'
import type { NodeChoice } from './parameters/node.ts'
import type { DrillWorld } from './support/world.ts'

/**
 * Mounts the shares of the site where they are not mounted, as the product does on demand.
 * @example When the product mounts its shares on every node
 */
When('the product mounts its shares on {nodes}', async function (this: DrillWorld, nodes: NodeChoice) {
  await this.rehearsal.product.mountShares(this.nodesOf(nodes))
})

/**
 * Unmounts the shares of the site at their mount paths, as the product does when they are idle.
 * @example When the product unmounts its idle shares on every node
 */
When('the product unmounts its idle shares on {nodes}', async function (this: DrillWorld, nodes: NodeChoice) {
  await this.rehearsal.product.unmountShares(this.nodesOf(nodes))
})

/**
 * Gives a site another share instead of its own: unmounts the old one and mounts the new one. The mount path stays the
 * same if both shares are encoded alike.
 * @example When the product of site "recovery" switches to the share "10.30.2.20:/replica"
 */
When(
  'the product of site {siteName} switches to the share {share}',
  async function (this: DrillWorld, site: string, share: string) {
    await this.rehearsal.product.replaceShares(site, [share])
  },
)

/**
 * Restarts the container that the product's service runs in. It then sees the present mounts of its host, below the
 * folder that both share.
 * @example When the service container is restarted on every node
 */
When('the service container is restarted on {nodes}', async function (this: DrillWorld, nodes: NodeChoice) {
  for (const node of this.nodesOf(nodes)) await node.restartService()
})
