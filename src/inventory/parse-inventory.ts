import { dirname, resolve } from 'node:path'
import { InputError } from '../errors.ts'
import { checkFile, type Written } from '../input/check-file.ts'
import { parseShareOrBucket } from '../target/bucket.ts'
import { findDistribution, isContainerized } from '../target/distribution.ts'
import { mountPathOf } from '../target/mount-path.ts'
import type { Access, HostSite, Inventory } from './inventory.ts'
import { type InventoryInput, inventorySchema } from './inventory-schema.ts'

type SiteInput = InventoryInput['sites'][number]

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

function planSite(site: SiteInput, sshConfig: string | undefined, at: string): HostSite {
  const defaults = distributionOf(site, at)
  const baseDirectory = site.baseDirectory ?? defaults?.baseDirectory
  const pathRule = site.pathRule ?? defaults?.pathRule
  const mountOptions = site.mountOptions ?? defaults?.mountOptions
  const owner = site.owner ?? defaults?.user
  const mounted = site.shares.map((text) => {
    const share = located(at, () => parseShareOrBucket(text))
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
      service: node.service ?? site.service ?? (isContainerized(site.distribution, baseDirectory) ? 'unknown' : 'host'),
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

function refuseTwins({ value: { sites }, at }: Written<InventoryInput>): void {
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
