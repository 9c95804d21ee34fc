import { isIPv4 } from 'node:net'
import { InputError } from '../../errors.ts'
import { check, parseYaml } from '../../input/schema-check.ts'
import type { User } from '../../shell/shell.ts'
import { parseShare, type Share } from '../../target/share.ts'
import { managementNetwork } from '../engine/engine.ts'
import { freeNetworks } from './free-networks.ts'
import { planSite, refuseSharedMountPath, type SitePlan } from './site-plan.ts'
import { type CheckedTopology, type TopologyInput, topologySchema } from './topology-schema.ts'

const serviceMib = 256

/** An exported directory. */
export interface ExportedShare {
  readonly share: Share
  readonly exportOptions: string
  /** Owner of the directory and of the images in it. */
  readonly owner: User
}

/** An NFS server of a lab. */
export interface ServerPlan {
  readonly name: string
  readonly address: string
  readonly shares: readonly ExportedShare[]
}

/** A machine that runs a service beside the sites. */
export interface ServicePlan {
  readonly name: string
  readonly kind: 'mail'
  readonly address: string
  readonly memoryMib: number
}

/** A valid topology, with all defaults: every name and address is unique. */
export interface Topology {
  readonly servers: readonly ServerPlan[]
  readonly sites: readonly SitePlan[]
  readonly services: readonly ServicePlan[]
}

/**
 * Parses a topology in YAML.
 * @param source the file, for messages
 * @param taken addresses that the lab already uses
 * @throws InputError that names the wrong value
 */
export function parseTopology(yaml: string, source: string, taken: readonly string[] = []): Topology {
  return planTopology(parseYaml(yaml, source) as TopologyInput, source, taken)
}

/**
 * Checks a topology and fills in its defaults.
 * @param input may be any value
 * @param source the file, for messages
 * @param taken addresses that the lab already uses. Chosen addresses are in other networks
 * @throws InputError that names the wrong value
 */
export function planTopology(input: TopologyInput, source = 'the topology', taken: readonly string[] = []): Topology {
  const checked = check(topologySchema, input, source)
  const networkOf = freeNetworks([...taken, ...addressesIn(checked)])
  const sites = checked.sites.map((site) => planSite(site, networkOf, source))
  const exported = checked.shares.map((entry) => ({
    share: parseShare(entry.share),
    exportOptions: entry.export,
    owner: entry.owner ?? ownerOf(entry.share, sites),
  }))
  const services = checked.services.map((service) => ({
    ...service,
    address: service.address ?? `${networkOf(service.name)}.5`,
    memoryMib: service.memoryMib ?? serviceMib,
  }))
  const topology = { servers: planServers(exported), sites, services }
  refuseConflicts(source, topology)
  return topology
}

function addressesIn({ shares, sites, services }: CheckedTopology): readonly string[] {
  const machines = [...sites.flatMap(({ nodes }) => nodes), ...services]
  return [...shares.map(({ share }) => parseShare(share).host), ...machines.flatMap(({ address }) => address ?? [])]
}

function ownerOf(share: string, sites: readonly SitePlan[]): User {
  const site = sites.find((candidate) => candidate.shares.some((mounted) => mounted.share.text === share))
  return site?.user ?? { uid: 162, gid: 162 }
}

function planServers(exported: readonly ExportedShare[]): readonly ServerPlan[] {
  const byHost = Map.groupBy(exported, ({ share }) => share.host)
  return [...byHost].map(([host, shares]) => {
    if (!isIPv4(host))
      throw new InputError(`share ${shares[0]?.share.text}: a server of a lab must have an IPv4 address, not "${host}"`)
    return { name: `nfs-${host.replaceAll('.', '-')}`, address: host, shares }
  })
}

/** @throws InputError if names, addresses or mount paths conflict, or a site has no appliance */
function refuseConflicts(source: string, { servers, sites, services }: Topology): void {
  const refuse = (what: string, values: readonly string[]) => refuseDuplicates(source, what, values)
  const shares = servers.flatMap((server) => server.shares.map(({ share }) => share.text))
  refuse('share', shares)
  refuse(
    'site',
    sites.map(({ name }) => name),
  )
  for (const { name, nodes } of sites)
    refuse(
      `node of site ${name}`,
      nodes.map((node) => node.name),
    )
  for (const { name, nodes } of sites)
    if (!nodes.some(({ role }) => role === 'appliance'))
      throw new InputError(`${source}: site ${name} has no appliance`)
  for (const site of sites) refuseSharedMountPath(source, site)
  const machines = sites.flatMap((site) => site.nodes.map((node) => `${site.name}-${node.name}`))
  refuse('machine', [...[...servers, ...services].map(({ name }) => name), ...machines])
  const addresses = [...servers, ...services, ...sites.flatMap(({ nodes }) => nodes)].map(({ address }) => address)
  refuse('address', addresses)
  for (const address of addresses)
    if (managementNetwork.contains(address))
      throw new InputError(`${source}: address ${address} belongs to the lab's management network`)
}

function refuseDuplicates(source: string, what: string, values: readonly string[]): void {
  const seen = new Set<string>()
  for (const value of values) {
    if (seen.has(value)) throw new InputError(`${source}: ${what} ${value} is defined twice`)
    seen.add(value)
  }
}
