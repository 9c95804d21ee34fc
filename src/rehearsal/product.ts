import type { Lab } from '../lab/lab.ts'
import type { Machine } from '../lab/machine/machine.ts'
import { withShares } from '../lab/topology/site-plan.ts'
import { onAll } from './on-all.ts'

/** The product mounts the shares of its site where they are not mounted, as it does on demand. */
export async function mountShares(lab: Lab, nodes: readonly Machine[]): Promise<void> {
  const script = 'mountpoint -q -- "$3" || { mkdir -p -- "$3"; mount -t nfs -o "$1" -- "$2" "$3"; }'
  await onAll(nodes, async (node) => {
    const { shares, mountOptions } = lab.siteOf(node).plan
    for (const { share, mountPath } of shares)
      await node.shell.run({ script, args: [mountOptions, share.text, mountPath] })
  })
}

/** The shares have been idle for long enough, and the product unmounts them. */
export async function unmountShares(lab: Lab, nodes: readonly Machine[]): Promise<void> {
  await onAll(nodes, (node) =>
    node.shell.run(['umount', '--', ...lab.siteOf(node).plan.shares.map(({ mountPath }) => mountPath)]),
  )
}

/** The product is given another share instead of the one that a site had, and mounts it on its nodes. */
export async function replaceShares(lab: Lab, site: string, shares: readonly string[]): Promise<void> {
  const { plan, nodes } = lab.site(site)
  await unmountShares(lab, nodes)
  lab.reconfigure(withShares(plan, shares))
  await mountShares(lab, nodes)
}
