import { isIPv4 } from 'node:net'
import { z } from 'zod'
import { InputError } from '../../errors.ts'
import { check, parseYaml } from '../../input/schema-check.ts'
import type { User } from '../../shell/shell.ts'
import { type Distribution, findDistribution } from '../../target/distribution.ts'
import { mountPathOf } from '../../target/mount-path.ts'
import { parseShare, type Share } from '../../target/share.ts'
import { managementNetwork } from '../engine/engine.ts'
import { freeNetworks } from './networks.ts'

const name = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,30}$/, 'must be 1–31 lower-case letters, digits and dashes, a letter first')
const address = z.string().refine(isIPv4, 'must be an IPv4 address')
const memoryMib = z.int().min(128)

const shareSchema = z.strictObject({
  /** As configured: `10.10.2.20:/upstream`. Its host is the address of the server that exports it. */
  share: z.string(),
  /** exports(5). */
  export: z
    .string()
    .regex(/^[a-z0-9_=,.:/@-]+$/, 'must be a list of export options')
    .default('rw,sync,no_subtree_check,root_squash'),
  /** Whom it belongs to; default: the product's user at the first site that mounts it. */
  owner: z.strictObject({ uid: z.int().min(0), gid: z.int().min(0) }).optional(),
})

const defaultMib = 320
/** Node takes some. */
const withToolMib = 768

const nodeSchema = z.strictObject({
  name,
  role: z.enum(['appliance', 'compute']),
  address: address.optional(),
  memoryMib: memoryMib.optional(),
})

const siteSchema = z.strictObject({
  name,
  distribution: z.string(),
  version: z.string(),
  shares: z.array(z.string()).min(1),
  nodes: z.array(nodeSchema).min(1),
  propagation: z.enum(['shared', 'private']).default('shared'),
  /** Who mounts the shares: /etc/fstab at boot, or the product, which is up later and mounts on demand. */
  mountedBy: z.enum(['fstab', 'product']).default('fstab'),
  /** Where the product's service runs: on the host, or in a container with mounts of its own. */
  service: z.enum(['host', 'container']).default('host'),
  /** What of the host's file systems gets into that container; default: the folder that the base directory is in. */
  subtree: z
    .string()
    .regex(/^(\/[\w.-]+)+$/, 'must be an absolute path of plain names')
    .optional(),
  /** Whether dr-drill itself is on its nodes, on a disk of its own. */
  tool: z.boolean().default(false),
  /** Any of these overrides what the distribution and version say. */
  baseDirectory: z.string().startsWith('/').optional(),
  pathRule: z.enum(['share', 'export']).optional(),
  mountOptions: z
    .string()
    .regex(/^[a-z0-9_=,.-]+$/, 'must be a list of mount options')
    .optional(),
  user: z.strictObject({ uid: z.int().min(1), gid: z.int().min(1) }).optional(),
})

export const topologySchema = z.strictObject({
  shares: z.array(shareSchema).default([]),
  sites: z.array(siteSchema).default([]),
})

/** A topology as written, in YAML or code. */
export type TopologyInput = z.input<typeof topologySchema>

/** One exported directory, and whose images it holds. */
export interface ExportedShare {
  readonly share: Share
  readonly exportOptions: string
  /** Images belong to it. */
  readonly owner: User
}

export interface ServerPlan {
  readonly name: string
  readonly address: string
  readonly shares: readonly ExportedShare[]
}

export interface NodePlan {
  readonly name: string
  readonly role: 'appliance' | 'compute'
  readonly address: string
  readonly memoryMib: number
}

export interface SitePlan extends Omit<Distribution, 'name' | 'source' | 'mountsOnDemand'> {
  readonly name: string
  readonly distribution: string
  readonly propagation: 'shared' | 'private'
  readonly mountedBy: 'fstab' | 'product'
  /** The service's container, and what of the host's file systems gets into it; left out, it runs on the host. */
  readonly container?: { readonly subtree: string }
  readonly hasTool: boolean
  readonly shares: readonly { readonly share: Share; readonly mountPath: string }[]
  readonly nodes: readonly NodePlan[]
}

/** A topology that was found sound: every name and address is unique and known, everything left out is filled in. */
export interface Topology {
  readonly servers: readonly ServerPlan[]
  readonly sites: readonly SitePlan[]
}

/**
 * @param taken addresses of the lab that it is for
 * @throws InputError that names the offending thing
 */
export function parseTopology(yaml: string, source: string, taken: readonly string[] = []): Topology {
  return planTopology(parseYaml(yaml, source) as TopologyInput, source, taken)
}

/**
 * @param input what was written; anything that does not fit is refused
 * @param source for messages: the file it came from
 * @param taken addresses of the lab that it is for: none that is left out is chosen beside them
 * @throws InputError that names the offending thing
 */
export function planTopology(input: TopologyInput, source = 'the topology', taken: readonly string[] = []): Topology {
  const written = check(topologySchema, input, source)
  const networkOf = freeNetworks([...taken, ...addressesIn(written)])
  const sites = written.sites.map((site) => planSite(site, networkOf))
  const exported = written.shares.map((entry) => ({
    share: parseShare(entry.share),
    exportOptions: entry.export,
    owner: entry.owner ?? ownerOf(entry.share, sites),
  }))
  const servers = planServers(exported)
  refuseDuplicates(
    source,
    'share',
    exported.map(({ share }) => share.text),
  )
  refuseDuplicates(
    source,
    'site',
    sites.map((site) => site.name),
  )
  for (const site of sites)
    refuseDuplicates(
      source,
      `node of site ${site.name}`,
      site.nodes.map((node) => node.name),
    )
  for (const site of sites)
    if (!site.nodes.some(({ role }) => role === 'appliance'))
      throw new InputError(`${source}: the site ${site.name} has no appliance`)
  for (const site of sites) refuseSharedMountPath(source, site)
  const machines = sites.flatMap((site) => site.nodes.map((node) => `${site.name}-${node.name}`))
  refuseDuplicates(source, 'machine', [...servers.map((server) => server.name), ...machines])
  const addresses = [...servers, ...sites.flatMap((site) => site.nodes)].map((machine) => machine.address)
  refuseDuplicates(source, 'address', addresses)
  for (const one of addresses)
    if (managementNetwork.contains(one))
      throw new InputError(`${source}: the address ${one} is taken by the lab's management network`)
  return { servers, sites }
}

function planSite(site: z.output<typeof siteSchema>, networkOf: (site: string) => string): SitePlan {
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
    ...(site.service === 'container' && { container: { subtree: site.subtree ?? subtreeOf(baseDirectory) } }),
    baseDirectory,
    pathRule: site.pathRule ?? defaults.pathRule,
    mountOptions: site.mountOptions ?? defaults.mountOptions,
    user: site.user ?? defaults.user,
    nodes: site.nodes.map((node, index) => ({
      ...node,
      memoryMib: node.memoryMib ?? (site.tool ? withToolMib : defaultMib),
      address: node.address ?? `${network}.${index + 11}`,
    })),
  })
}

/** `/var/trilio/triliovault-mounts` → `/var/trilio`; but not all of `/var` for a base directory right in it. */
function subtreeOf(baseDirectory: string): string {
  const folder = baseDirectory.slice(0, baseDirectory.lastIndexOf('/'))
  return folder.lastIndexOf('/') > 0 ? folder : baseDirectory
}

/**
 * The same site with another version of its product, and with what that version mounts elsewhere or otherwise. What the
 * site says itself stays.
 * @throws InputError for an unknown version, or for shares that this version would mount at one path
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

/** The same site with other shares. @throws InputError for what is no share, or two that it would mount at one path */
export function withShares(site: SitePlan, shares: readonly string[]): SitePlan {
  const changed = mounting(shares.map(parseShare), site)
  refuseSharedMountPath('its new shares', changed)
  return changed
}

function mounting(shares: readonly Share[], site: Omit<SitePlan, 'shares'>): SitePlan {
  const { baseDirectory, pathRule } = site
  return { ...site, shares: shares.map((share) => ({ share, mountPath: mountPathOf(baseDirectory, share, pathRule) })) }
}

/** One of them would hide the other. */
function refuseSharedMountPath(source: string, { name, shares }: SitePlan): void {
  for (const [index, { share, mountPath }] of shares.entries()) {
    const other = shares.slice(0, index).find((one) => one.mountPath === mountPath)
    if (other === undefined) continue
    throw new InputError(
      `${source}: the site ${name} would mount both ${other.share.text} and ${share.text} at ${mountPath}`,
      { remedy: 'From 4.2 on only the export path is encoded: give one of the two another.' },
    )
  }
}

function addressesIn({ shares, sites }: z.output<typeof topologySchema>): readonly string[] {
  const nodes = sites.flatMap((site) => site.nodes.flatMap((node) => node.address ?? []))
  return [...shares.map(({ share }) => parseShare(share).host), ...nodes]
}

function ownerOf(share: string, sites: readonly SitePlan[]): User {
  const site = sites.find((candidate) => candidate.shares.some((mounted) => mounted.share.text === share))
  return site?.user ?? { uid: 162, gid: 162 }
}

function planServers(exported: readonly ExportedShare[]): readonly ServerPlan[] {
  const byHost = Map.groupBy(exported, ({ share }) => share.host)
  return [...byHost].map(([host, shares]) => {
    if (!isIPv4(host)) throw new InputError(`the share ${shares[0]?.share.text}: a lab's server needs an IPv4 address`)
    return { name: `nfs-${host.replaceAll('.', '-')}`, address: host, shares }
  })
}

function refuseDuplicates(source: string, what: string, values: readonly string[]): void {
  const seen = new Set<string>()
  for (const value of values) {
    if (seen.has(value)) throw new InputError(`${source}: the ${what} ${value} is there twice`)
    seen.add(value)
  }
}
