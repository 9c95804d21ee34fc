import { renewManagerConfig } from '../lab/appliance/set-up-manager.ts'
import type { Machine } from '../lab/machine/machine.ts'
import { withShares } from '../lab/topology/site-plan.ts'
import { onAll } from './on-all.ts'
import type { Scene } from './scene.ts'

/** The product's work on its nodes, apart from backups and restores. */
export class Product {
  readonly #scene: Scene

  constructor(scene: Scene) {
    this.#scene = scene
  }

  /** Mounts the shares of the site where they are not mounted, as the product does on demand. */
  async mountShares(nodes: readonly Machine[]): Promise<void> {
    const script = 'mountpoint -q -- "$3" || { mkdir -p -- "$3"; mount -t nfs -o "$1" -- "$2" "$3"; }'
    await onAll(nodes, async (node) => {
      const { shares, mountOptions } = this.#scene.siteOf(node).plan
      for (const { share, mountPath } of shares)
        await node.shell.run({ script, args: [mountOptions, share.text, mountPath] })
    })
  }

  /** Unmounts the shares of the site, as the product does when they are idle. */
  async unmountShares(nodes: readonly Machine[]): Promise<void> {
    await onAll(nodes, (node) => {
      const { shares } = this.#scene.siteOf(node).plan
      return node.shell.run(['umount', '--', ...shares.map(({ mountPath }) => mountPath)])
    })
  }

  /** Replaces the shares in the configuration of a site, and mounts the new ones on its nodes. */
  async replaceShares(site: string, shares: readonly string[]): Promise<void> {
    const { plan, nodes } = this.#scene.lab.site(site)
    await this.unmountShares(nodes)
    this.#scene.lab.reconfigure(withShares(plan, shares))
    await this.mountShares(nodes)
    await renewManagerConfig(this.#scene.lab.site(site))
  }
}
