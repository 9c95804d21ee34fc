import { InputError } from '../../errors.ts'
import { type DescribedCloud, describeCloud } from '../../identity/described-cloud.ts'
import { type Distribution, findDistribution } from '../../target/distribution.ts'
import { mountPathOf } from '../../target/mount-path.ts'
import { parseShare, type Share } from '../../target/share.ts'
import type { CheckedSite } from './topology-schema.ts'

const defaultMib = 320
/** Node.js needs more memory. */
const withToolMib = 768

/** A node of a site. */
export interface MachinePlan {
  readonly name: string
  readonly role: 'appliance' | 'compute'
  readonly address: string
  readonly memoryMib: number
}

/** A site with all values that a lab needs. */
export interface SitePlan extends Omit<Distribution, 'name' | 'source' | 'mountsOnDemand'> {
  readonly name: string
  readonly distribution: string
  readonly propagation: 'shared' | 'private'
  readonly mountedBy: 'fstab' | 'product'
  /** The service's container, and the directory of the host that it sees. Undefined if the service runs on the host. */
  readonly container?: { readonly subtree: string }
  readonly hasTool: boolean
  /** The cloud's people. Undefined if the site has no workload manager. */
  readonly cloud?: DescribedCloud
  readonly shares: readonly { readonly share: Share; readonly mountPath: string }[]
  readonly nodes: readonly MachinePlan[]
}

/**
 * Fills in the values that a site leaves out.
 * @param networkOf returns a free network for a site, e.g. `10.250.7`
 * @param source the file, for messages
 */
export function planSite(site: CheckedSite, networkOf: (site: string) => string, source: string): SitePlan {
  const defaults = findDistribution(site.distribution, site.version)
  const baseDirectory = site.baseDirectory ?? defaults.baseDirectory
  const network = site.nodes.every((node) => node.address !== undefined) ? undefined : networkOf(site.name)
  return mounting(site.shares.map(parseShare), {
    name: site.name,
    distribution: site.distribution,
    version: site.version,
    propagation: site.propagation,
    mountedBy: site.mountedBy,
    hasTool: site.tool,
    ...(site.cloud && { cloud: describeCloud(site.cloud, site.name, source) }),
    ...(site.service === 'container' && { container: { subtree: site.subtree ?? subtreeOf(baseDirectory) } }),
    baseDirectory,
    pathRule: site.pathRule ?? defaults.pathRule,
    mountOptions: site.mountOptions ?? defaults.mountOptions,
    user: site.user ?? defaults.user,
    nodes: site.nodes.map((node, index) => ({
      ...node,
      memoryMib: node.memoryMib ?? (hasToolOn(site, node.role) ? withToolMib : defaultMib),
      address: node.address ?? `${network}.${index + 11}`,
    })),
  })
}

/** True if a node of a site has the disk with dr-drill: its workload manager is a part of dr-drill. */
export function hasToolOn(
  site: { readonly tool?: boolean; readonly hasTool?: boolean; readonly cloud?: unknown },
  role: MachinePlan['role'],
): boolean {
  return site.tool === true || site.hasTool === true || (site.cloud !== undefined && role === 'appliance')
}

/** `/var/trilio/triliovault-mounts` → `/var/trilio`, but not `/var` for a base directory directly in it. */
function subtreeOf(baseDirectory: string): string {
  const folder = baseDirectory.slice(0, baseDirectory.lastIndexOf('/'))
  return folder.lastIndexOf('/') > 0 ? folder : baseDirectory
}

/**
 * Returns the same site with another version of its product, and the mount paths and options of that version. Values that
 * the site sets itself stay.
 * @throws InputError for an unknown version, or for shares that this version would mount at the same path
 */
export function withVersion(site: SitePlan, version: string): SitePlan {
  const old = findDistribution(site.distribution, site.version)
  const now = findDistribution(site.distribution, version)
  const upgraded = mounting(
    site.shares.map(({ share }) => share),
    {
      ...site,
      version,
      baseDirectory: site.baseDirectory === old.baseDirectory ? now.baseDirectory : site.baseDirectory,
      pathRule: site.pathRule === old.pathRule ? now.pathRule : site.pathRule,
      mountOptions: site.mountOptions === old.mountOptions ? now.mountOptions : site.mountOptions,
    },
  )
  refuseSharedMountPath(`version ${version}`, upgraded)
  return upgraded
}

/**
 * Returns the same site with other shares.
 * @throws InputError for text that is not a share, or for shares that the site would mount at the same path
 */
export function withShares(site: SitePlan, shares: readonly string[]): SitePlan {
  const changed = mounting(shares.map(parseShare), site)
  refuseSharedMountPath('the new shares', changed)
  return changed
}

function mounting(shares: readonly Share[], site: Omit<SitePlan, 'shares'>): SitePlan {
  const { baseDirectory, pathRule } = site
  return { ...site, shares: shares.map((share) => ({ share, mountPath: mountPathOf(baseDirectory, share, pathRule) })) }
}

/**
 * One of two shares at the same path would hide the other.
 * @param source the file or change that defines the site, for messages
 * @throws InputError if two shares have the same mount path
 */
export function refuseSharedMountPath(source: string, { name, shares }: SitePlan): void {
  for (const [index, { share, mountPath }] of shares.entries()) {
    const other = shares.slice(0, index).find((one) => one.mountPath === mountPath)
    if (other === undefined) continue
    throw new InputError(
      `${source}: site ${name} would mount both ${other.share.text} and ${share.text} at ${mountPath}`,
      { remedy: 'From 4.2 on, only the export path is encoded. Use another export path for one of the two.' },
    )
  }
}
