import { InputError } from '../../errors.ts'
import { Host } from '../../inventory/hosts.ts'
import type { HostPlan, HostSite } from '../../inventory/inventory.ts'
import type { ServicePlace } from '../../inventory/inventory-schema.ts'
import type { Shell, User } from '../../shell/shell.ts'
import { baseDirectoryTable, isContainerized } from '../../target/distribution.ts'

/** A node of a site, as far as a recovery is concerned. */
export interface SiteNode {
  readonly where: string
  /** Runs commands as root. */
  readonly shell: Shell
  /** Runs commands where the product's service runs. Undefined if that is on the host. Throws if it is unknown. */
  readonly service?: () => Promise<Shell>
}

/** The nodes of a site, and what is the same on all of them. */
export interface SiteHosts {
  readonly site: string
  readonly nodes: readonly SiteNode[]
  /** Mount paths of the targets. */
  readonly targets: readonly string[]
  /** The product's user. */
  readonly user: User | undefined
  readonly mountedBy: 'fstab' | 'product' | undefined
  /** True if the product, in its version, mounts shares on demand where fstab does not. */
  readonly mountsOnDemand?: boolean | undefined
  /** What neither the targets nor an inventory define. A saved plan carries it. */
  readonly madeWith?: Pick<SiteHostsOptions, 'user' | 'service'>
}

export interface SiteHostsOptions {
  /** Undefined for this host alone. */
  readonly site?: HostSite
  /** Where the site has its targets mounted. Empty for the shares in the inventory. */
  readonly targets: readonly string[]
  /** The product's user. Undefined for the one in the inventory. */
  readonly user?: User
  /** The product's user of a saved plan, if neither `user` nor the inventory has one. */
  readonly plannedUser?: User
  /** Where this host's service runs; an inventory defines it for each node. By default it follows from the targets' paths. */
  readonly service?: ServicePlace
  /** Configuration file for OpenSSH's client. */
  readonly sshConfig?: string
  /** Stops all commands that do not have a signal of their own. */
  readonly signal?: AbortSignal
}

/** The name of the site that this host is without an inventory. */
export const thisHostAlone = 'this host'

/**
 * Opens the nodes of a site. Disposing of them closes their connections.
 * @throws InputError if nothing defines where targets are mounted
 */
export function openSiteHosts({
  site,
  targets,
  user,
  plannedUser,
  service,
  sshConfig,
  signal,
}: SiteHostsOptions): SiteHosts & AsyncDisposable {
  const mounted = site?.shares.flatMap(({ mountPath }) => mountPath ?? []) ?? []
  const paths = (targets.length > 0 ? targets : mounted).map((path) => path.replace(/(?<=.)\/+$/, ''))
  if (paths.length === 0)
    throw new InputError('no mount path of a target is given', {
      remedy:
        site === undefined
          ? 'Pass the mount paths, e.g. /var/triliovault-mounts/MTAuMjAuMi4yMDovcmVwbGljYQ==.'
          : 'Pass the mount paths, or set shares, distribution and version in the inventory.',
    })
  const plans = site?.hosts ?? [thisHost(service ?? servicePlaceOf(paths))]
  const hosts = plans.map(
    (plan) => new Host(plan, { ...(sshConfig !== undefined && { sshConfig }), ...(signal && { signal }) }),
  )
  return {
    site: site?.name ?? thisHostAlone,
    targets: paths,
    madeWith: { ...(user && { user }), ...(service !== undefined && { service }) },
    user: user ?? site?.owner ?? plannedUser,
    mountedBy: site?.mountedBy,
    mountsOnDemand: site?.mountsOnDemand,
    nodes: hosts.map((host) => ({
      where: host.where,
      shell: host.shell,
      ...(host.plan.service !== 'host' && { service: () => host.service() }),
    })),
    async [Symbol.asyncDispose]() {
      await Promise.allSettled(hosts.map((host) => host[Symbol.asyncDispose]()))
    },
  }
}

function thisHost(service: ServicePlace): HostPlan {
  const where = 'localhost'
  return { name: where, where, role: 'compute', access: { kind: 'local' }, sudo: 'auto', service }
}

/** Where only products mount that run in containers, a look from the host proves nothing. */
function servicePlaceOf(targets: readonly string[]): ServicePlace {
  const isBelow = (base: string) => targets.some((target) => target.startsWith(`${base}/`))
  return baseDirectoryTable.some(({ path }) => isBelow(path) && isContainerized(undefined, path)) ? 'unknown' : 'host'
}
