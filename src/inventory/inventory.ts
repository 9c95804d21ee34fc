import { InputError } from '../errors.ts'
import type { Bucket } from '../target/bucket.ts'
import type { PathRule } from '../target/mount-path.ts'
import type { Share } from '../target/share.ts'
import type { ServicePlace } from './inventory-schema.ts'

/** How a host is entered. An undefined value comes from ~/.ssh/config. */
export type Access =
  | { readonly kind: 'local' }
  | {
      readonly kind: 'ssh'
      readonly address: string
      readonly user?: string
      readonly port?: number
      /** May begin with `~/`. */
      readonly key?: string
      /** Configuration file instead of `~/.ssh/config`. */
      readonly sshConfig?: string
    }

/** A host of a site, as the inventory describes it. */
export interface HostPlan {
  /** Unique in its site. */
  readonly name: string
  /** Its name in messages: `recovery/compute-1`. */
  readonly where: string
  readonly role: 'appliance' | 'compute'
  readonly access: Access
  readonly sudo: 'auto' | 'never'
  readonly service: ServicePlace
}

/** A site of hosts. A value is undefined if neither the file nor a distribution defines it. */
export interface HostSite {
  readonly name: string
  readonly distribution?: string
  readonly version?: string
  readonly baseDirectory?: string
  readonly pathRule?: PathRule
  readonly mountOptions?: string
  readonly owner?: { readonly uid: number; readonly gid: number }
  readonly mountedBy?: 'fstab' | 'product'
  /** True if the product, in its version, mounts shares on demand where fstab does not. */
  readonly mountsOnDemand?: boolean
  /** `mountPath` is undefined if the base directory or the path rule is. */
  readonly shares: readonly { readonly share: Share | Bucket; readonly mountPath?: string }[]
  readonly hosts: readonly HostPlan[]
}

/** Valid sites and hosts: names are unique, and no two nodes are one host. */
export interface Inventory {
  readonly source: string
  readonly sites: readonly HostSite[]
}

/** @throws InputError that lists the sites, if there is none of that name, or several and no name */
export function siteOfInventory({ sites, source }: Inventory, name?: string): HostSite {
  const [only, ...others] = name === undefined ? sites : sites.filter((site) => site.name === name)
  const names = sites.map((site) => site.name).join(', ')
  if (only === undefined) throw new InputError(`${source} has no site "${name}"`, { remedy: `Use one of: ${names}.` })
  if (others.length > 0)
    throw new InputError(`${source} has several sites`, { remedy: `Pass --site with one of: ${names}.` })
  return only
}
