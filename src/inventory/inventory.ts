import { dirname, resolve } from 'node:path'
import { z } from 'zod'
import { InputError } from '../errors.ts'
import { checkFile, type Written } from '../input/check-file.ts'
import { findDistribution, isContainerized } from '../target/distribution.ts'
import { mountPathOf, type PathRule } from '../target/mount-path.ts'
import { parseShare, type Share } from '../target/share.ts'

const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/i, 'must be 1–63 letters, digits, dots, dashes and underscores, no dash first')
/** ssh would take a leading dash for an option, and odder characters are typing errors. */
const address = z
  .string()
  .regex(/^[a-z0-9_:%[][a-z0-9._:%[\]-]*$/i, 'must be a host name, an address or a name of ~/.ssh/config')
const login = z.string().regex(/^[a-z_][a-z0-9_.@\\-]*\$?$/i, 'must be the name of a user')
const path = z.string().startsWith('/', 'must be an absolute path')

function isPattern(text: string): boolean {
  try {
    new RegExp(text)
    return true
  } catch {
    return false
  }
}

/** How to find the mount namespace of the product's service on a host. */
const serviceSchema = z.union([
  z.literal('host'),
  z.strictObject({ container: name }),
  z.strictObject({ process: z.string().min(1).refine(isPattern, 'must be a regular expression') }),
  z.strictObject({ namespace: path }),
])

const access = {
  /** Login name. Default: from ~/.ssh/config, or the user of this machine. */
  user: login.optional(),
  port: z.int().min(1).max(65_535).optional(),
  /** File with a private key, `~/` allowed. Default: ssh-agent and ~/.ssh/config. */
  key: z.string().min(1).optional(),
  /** `auto`: `sudo -n` unless the login is root. `never`: no sudo. */
  sudo: z.enum(['auto', 'never']).optional(),
  /** Where the product's service runs: on the host, or in a container with private mounts. Default: by the distribution. */
  service: serviceSchema.optional(),
}

const nodeSchema = z.strictObject({
  name,
  role: z.enum(['appliance', 'compute']).default('compute'),
  /** `local` for this machine, or a host name, an address or a name of ~/.ssh/config. Default: the node's name. */
  address: address.optional(),
  ...access,
})

const siteSchema = z.strictObject({
  name,
  distribution: z.string().optional(),
  version: z.string().optional(),
  /** Shares as they are configured at this site, e.g. `10.20.2.20:/replica`. */
  shares: z.array(z.string()).default([]),
  /** Each of these overrides the value of distribution and version. */
  baseDirectory: path.optional(),
  pathRule: z.enum(['share', 'export']).optional(),
  mountOptions: z.string().optional(),
  /** The product's user, who owns the images and restores them. */
  owner: z.strictObject({ uid: z.int().min(1), gid: z.int().min(1) }).optional(),
  /** What mounts the shares: /etc/fstab at boot, or the product on demand. Default: by the host's fstab, and the version. */
  mountedBy: z.enum(['fstab', 'product']).optional(),
  nodes: z.array(nodeSchema).min(1),
  ...access,
})

export const inventorySchema = z.strictObject({
  /** Configuration file for OpenSSH's client, relative to this file. Default: ~/.ssh/config. */
  sshConfig: z.string().min(1).optional(),
  sites: z.array(siteSchema).min(1),
})

/** Where the product's service runs on a host. `unsaid`: in a container that is not configured. */
export type ServicePlace = z.output<typeof serviceSchema> | 'unsaid'

/** @param text as in `--service container:NAME` @throws InputError if it is not a place */
export function parseServicePlace(text: string): ServicePlace {
  const [, kind, value] = /^(container|process|namespace):(.*)$/s.exec(text) ?? []
  const { success, data } = serviceSchema.safeParse(kind === undefined ? text : { [kind]: value })
  if (success) return data
  throw new InputError(
    `--service must be host, container:NAME, process:REGEXP or namespace:FILE, not ${JSON.stringify(text)}`,
  )
}

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
  readonly shares: readonly { readonly share: Share; readonly mountPath?: string }[]
  readonly hosts: readonly HostPlan[]
}

/** Valid sites and hosts: names are unique, and no two nodes are one host. */
export interface Inventory {
  readonly source: string
  readonly sites: readonly HostSite[]
}

type SiteInput = z.output<typeof siteSchema>

/**
 * @param source the file, for messages
 * @throws InputError with the file and line of each error
 */
export function parseInventory(yaml: string, source: string): Inventory {
  const written = checkFile(inventorySchema, yaml, source)
  refuseTwins(written)
  const { sites, sshConfig } = written.value
  const file = sshConfig === undefined ? undefined : resolve(dirname(source), sshConfig)
  return { source, sites: sites.map((site, index) => planSite(site, file, written.at('sites', index))) }
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

function planSite(site: SiteInput, sshConfig: string | undefined, at: string): HostSite {
  const defaults = distributionOf(site, at)
  const baseDirectory = site.baseDirectory ?? defaults?.baseDirectory
  const pathRule = site.pathRule ?? defaults?.pathRule
  const mountOptions = site.mountOptions ?? defaults?.mountOptions
  const owner = site.owner ?? defaults?.user
  const mounted = site.shares.map((text) => {
    const share = located(at, () => parseShare(text))
    if (baseDirectory === undefined || pathRule === undefined) return { share }
    return { share, mountPath: located(at, () => mountPathOf(baseDirectory, share, pathRule)) }
  })
  return {
    name: site.name,
    ...(site.distribution !== undefined && { distribution: site.distribution }),
    ...(site.version !== undefined && { version: site.version }),
    ...(baseDirectory !== undefined && { baseDirectory }),
    ...(pathRule !== undefined && { pathRule }),
    ...(mountOptions !== undefined && { mountOptions }),
    ...(owner !== undefined && { owner }),
    ...(site.mountedBy !== undefined && { mountedBy: site.mountedBy }),
    ...(defaults !== undefined && { mountsOnDemand: defaults.mountsOnDemand }),
    shares: mounted,
    hosts: site.nodes.map((node) => ({
      name: node.name,
      where: `${site.name}/${node.name}`,
      role: node.role,
      access: accessOf(site, node, sshConfig),
      sudo: node.sudo ?? site.sudo ?? 'auto',
      service: node.service ?? site.service ?? (isContainerized(site.distribution, baseDirectory) ? 'unsaid' : 'host'),
    })),
  }
}

function accessOf(site: SiteInput, node: SiteInput['nodes'][number], sshConfig: string | undefined): Access {
  const address = node.address ?? node.name
  if (address === 'local') return { kind: 'local' }
  const user = node.user ?? site.user
  const port = node.port ?? site.port
  const key = node.key ?? site.key
  return {
    kind: 'ssh',
    address,
    ...(user !== undefined && { user }),
    ...(port !== undefined && { port }),
    ...(key !== undefined && { key }),
    ...(sshConfig !== undefined && { sshConfig }),
  }
}

function distributionOf(
  { distribution, version }: SiteInput,
  at: string,
): ReturnType<typeof findDistribution> | undefined {
  if (distribution === undefined && version === undefined) return undefined
  if (distribution === undefined || version === undefined)
    throw new InputError(`${at}: distribution and version must both be set`)
  return located(at, () => findDistribution(distribution, version))
}

function refuseTwins({ value: { sites }, at }: Written<z.output<typeof inventorySchema>>): void {
  const problems: string[] = []
  const seen = new Map<string, string>()
  const once = (key: string, what: string, place: string): void => {
    const first = seen.get(key)
    if (first === undefined) seen.set(key, place)
    else problems.push(`${place}: ${what} is defined twice, first at ${first}`)
  }
  for (const [index, site] of sites.entries()) {
    once(`site ${site.name}`, `the site ${site.name}`, at('sites', index, 'name'))
    for (const [number, node] of site.nodes.entries()) {
      const place = at('sites', index, 'nodes', number)
      once(`node ${site.name} ${node.name}`, `the node ${node.name} of site ${site.name}`, place)
      const { address = node.name, port = site.port } = node
      once(`host ${address} ${port}`, `the host ${address === 'local' ? 'of this machine' : address}`, place)
    }
  }
  if (problems.length > 0) throw new InputError(problems.join('\n'))
}

function located<T>(at: string, act: () => T): T {
  try {
    return act()
  } catch (cause) {
    if (cause instanceof InputError)
      throw new InputError(`${at}: ${cause.message}`, {
        cause,
        ...(cause.remedy !== undefined && { remedy: cause.remedy }),
      })
    throw cause
  }
}
