import { InputError } from '../../errors.ts'
import { parseBackingName } from '../../image/backing-name.ts'
import { originOf } from '../../target/origin.ts'
import { readPaths } from '../node/path-files.ts'
import type { RecoveryPlan } from './recovery-plan.ts'
import type { SiteHosts, SiteNode } from './site-hosts.ts'

/**
 * Compares a saved plan with the expected images that it names: an image that is still as it was when the plan was made
 * names a parent whose origin path the plan must have. One digest protects the file, but anyone can compute it anew.
 * @throws InputError if the plan lacks such an origin path
 */
export async function requireNeedsOfImages(hosts: SiteHosts, plan: RecoveryPlan, signal: AbortSignal): Promise<void> {
  const known = new Set([
    ...plan.targets,
    ...[...plan.needs, ...plan.broken, ...plan.unclear].map(({ origin }) => origin),
  ])
  const nodes = hosts.nodes.toSorted((one, other) => rank(one, plan) - rank(other, plan))
  const open = new Map(plan.expected.map(({ target, images }) => [target, images]))
  for (const { shell } of nodes) {
    const wanted = [...open].map(([path, images]) => ({ path, files: images.map((image) => image.path) }))
    const options = { ...(plan.user && { user: plan.user }), signal }
    // A node that cannot be read is reported by the check itself.
    const sights = await readPaths(shell, wanted, options).catch(() => undefined)
    signal.throwIfAborted()
    for (const [target, images] of open) {
      const files = sights?.get(target)?.files
      const same = images.filter(({ path, head }) => head !== undefined && files?.get(path)?.head === head)
      for (const { path } of same) {
        const origin = originOfParent(files?.get(path)?.parent)
        if (origin === undefined || known.has(origin)) continue
        throw new InputError(
          `the plan lacks the origin path ${origin}, which its image ${target}/${path} has named since before it was made`,
          { remedy: 'Create a new plan: dr-drill plan --out FILE' },
        )
      }
      if (same.length === images.length) open.delete(target)
    }
    if (open.size === 0) return
  }
}

/** The node that listed the images comes first: it has them. */
const rank = ({ where }: SiteNode, { listedBy }: RecoveryPlan): number => (where === listedBy ? 0 : 1)

function originOfParent(parent: string | undefined): string | undefined {
  const name = parent === undefined ? {} : parseBackingName(parent)
  return 'path' in name && typeof name.path === 'string' && name.path.startsWith('/')
    ? originOf(name.path)?.mountPath
    : undefined
}
