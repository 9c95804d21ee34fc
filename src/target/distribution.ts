import { InputError } from '../errors.ts'
import type { PathRule } from './mount-path.ts'

/** The properties of nodes that a distribution of the product determines. */
export interface Distribution {
  /** e.g. `kolla`. */
  readonly name: string
  /** The requested product version, e.g. `4.1`. */
  readonly version: string
  /** The directory below which shares are mounted, without a trailing slash. */
  readonly baseDirectory: string
  readonly pathRule: PathRule
  /** Mount options, as in `mount -o` and fstab. */
  readonly mountOptions: string
  /** Whether shares are mounted on demand, or permanently. */
  readonly mountsOnDemand: boolean
  /** The user that the product runs as, and that owns images. */
  readonly user: { readonly uid: number; readonly gid: number }
  /** The source of each fact, with its mark: [doc] vendor documentation, [pub] public repositories, [inf] inferred. */
  readonly source: string
}

interface Row extends Pick<Distribution, 'name' | 'baseDirectory' | 'user' | 'source'> {
  /** The first and the last product version, inclusive. */
  readonly versions: readonly [first: string, last: string]
}

const nova = { uid: 162, gid: 162 }
const kolla = { uid: 42436, gid: 42436 }
const helm = { uid: 42424, gid: 42424 }
const novaByConvention = "uid: nova's conventional one on RPM-based hosts [inf]"

const rows: readonly Row[] = [
  {
    name: 'appliance',
    versions: ['3.0', '4.3'],
    baseDirectory: '/var/triliovault-mounts',
    user: nova,
    source: `base directory: the vendor's appliance [pub]; ${novaByConvention}`,
  },
  {
    name: 'juju',
    versions: ['4.0', '6.2'],
    baseDirectory: '/var/triliovault-mounts',
    user: nova,
    source: `base directory: the vendor's charms [pub]; ${novaByConvention}`,
  },
  {
    name: 'openstack-ansible',
    versions: ['4.0', '6.2'],
    baseDirectory: '/var/triliovault-mounts',
    user: nova,
    source: `base directory: the vendor's configuration scripts [pub]; ${novaByConvention}`,
  },
  {
    name: 'kolla',
    versions: ['4.0', '4.0'],
    baseDirectory: '/var/triliovault-mounts',
    user: kolla,
    source: "base directory and uid: the vendor's configuration scripts before 4.1 [pub]",
  },
  {
    name: 'kolla',
    versions: ['4.1', '6.2'],
    baseDirectory: '/var/trilio/triliovault-mounts',
    user: kolla,
    source: "base directory and uid: the vendor's configuration scripts from 4.1 [pub]",
  },
  {
    name: 'rhosp',
    versions: ['4.0', '5.2'],
    baseDirectory: '/var/lib/nova/triliovault-mounts',
    user: kolla,
    source: "base directory: the vendor's configuration scripts [pub]; uid: the RHOSP images [pub]",
  },
  {
    name: 'rhoso',
    versions: ['6.0', '6.2'],
    baseDirectory: '/var/lib/nova/triliovault-mounts',
    user: kolla,
    source: "base directory: the vendor's configuration scripts [pub]; uid: as the RHOSP images [inf]",
  },
  {
    name: 'helm',
    versions: ['5.0', '6.1'],
    baseDirectory: '/var/trilio/triliovault-mounts',
    user: helm,
    source: "base directory and uid: the vendor's charts up to 6.1 [pub]",
  },
  {
    name: 'helm',
    versions: ['6.2', '6.2'],
    baseDirectory: '/var/lib/trilio/triliovault-mounts',
    user: helm,
    source: "base directory and uid: the vendor's charts of 6.2 [pub]",
  },
  {
    name: 'sunbeam',
    versions: ['6.2', '6.2'],
    baseDirectory: '/var/lib/trilio/triliovault-mounts',
    user: kolla,
    source: 'base directory: public configuration repositories [pub]; uid: as the Kolla images [inf]',
  },
]

/** A directory below which the product mounts shares. */
export interface BaseDirectory {
  readonly path: string
  /** The distributions and versions that mount there. Empty if unknown. */
  readonly of: readonly string[]
  readonly source: string
}

/** All known base directories, including those without a known distribution. */
export const baseDirectoryTable: readonly BaseDirectory[] = [
  ...[...new Set(rows.map((row) => row.baseDirectory))].map((path) => {
    const there = rows.filter((row) => row.baseDirectory === path)
    return {
      path,
      of: there.map(({ name, versions }) => `${name} ${[...new Set(versions)].join(' to ')}`),
      source: [...new Set(there.map((row) => row.source))].join('; '),
    }
  }),
  { path: '/var/triliovault', of: [], source: 'the oldest generations of the product [pub]' },
]

export const isBaseDirectory = (path: string): boolean => baseDirectoryTable.some((known) => known.path === path)

/** The base directories of selectable distributions. */
export const baseDirectories: readonly string[] = [...new Set(rows.map((row) => row.baseDirectory))]

/**
 * Distributions whose data mover runs in a container with a mount namespace of its own [pub]: mounts of the host prove
 * nothing there.
 */
const containerized = new Set(['kolla', 'rhosp', 'rhoso', 'helm', 'sunbeam'])

/** True if the service has a mount namespace of its own, by the distribution, or else by the base directory. */
export function isContainerized(distribution: string | undefined, baseDirectory: string | undefined): boolean {
  if (distribution !== undefined) return containerized.has(distribution)
  const there = rows.filter((row) => row.baseDirectory === baseDirectory)
  return there.length > 0 && there.every(({ name }) => containerized.has(name))
}

/**
 * Looks up a distribution in a version (`major.minor`) of the product.
 * @throws InputError for an unknown pair, with the nearest and all known ones
 */
export function findDistribution(name: string, version: string): Distribution {
  const row = rows.find(
    (one) =>
      one.name === name &&
      isVersion(version) &&
      order(one.versions[0]) <= order(version) &&
      order(version) <= order(one.versions[1]),
  )
  if (row === undefined) throw unknown(name, version)
  const { versions, ...facts } = row
  return {
    ...facts,
    version,
    pathRule: order(version) < order('4.2') ? 'share' : 'export',
    mountsOnDemand: order(version) >= order('6.2'),
    ...nfs(name, version, row.source),
  }
}

/**
 * Mount options from public configuration repositories. NFS version 3 is fixed from 4.2 or 4.3 on, depending on the
 * distribution.
 */
function nfs(name: string, version: string, source: string): Pick<Distribution, 'mountOptions' | 'source'> {
  const said = `${source}; path rule [doc]; NFS options [pub]`
  if (name === 'kolla' && order(version) >= order('4.3')) {
    return { mountOptions: 'nolock,soft,timeo=600,intr,lookupcache=none,nfsvers=3,retrans=10', source: said }
  }
  const common = 'nolock,soft,timeo=180,intr,lookupcache=none'
  return order(version) < order('4.2')
    ? { mountOptions: common, source: said }
    : { mountOptions: `${common},nfsvers=3`, source: `${said}, with nfsvers=3 in 4.2 as well [inf]` }
}

function unknown(name: string, version: string): InputError {
  const nearest = rows
    .map((row) => ({ row, version: nearestVersion(version, row.versions), nameDistance: editDistance(name, row.name) }))
    .map((one) => ({ ...one, versionDistance: Math.abs(order(one.version) - order(version)) }))
    .sort((a, b) => a.nameDistance - b.nameDistance || a.versionDistance - b.versionDistance)[0]
  const known = rows.map((row) => `${row.name} ${[...new Set(row.versions)].join(' to ')}`).join(', ')
  return new InputError(
    `unknown distribution and version: ${JSON.stringify(`${name} ${version}`)}; the nearest is ${nearest?.row.name} ${nearest?.version}`,
    { remedy: `Known: ${known}.` },
  )
}

function nearestVersion(version: string, [first, last]: Row['versions']): string {
  if (!isVersion(version) || order(version) > order(last)) return last
  return order(version) < order(first) ? first : version
}

function isVersion(version: string): boolean {
  return /^\d{1,3}\.\d{1,3}$/.test(version)
}

/** Orders 4.10 after 4.9. */
function order(version: string): number {
  const [major = 0, minor = 0] = isVersion(version) ? version.split('.').map(Number) : []
  return major * 1000 + minor
}

/** The Levenshtein distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1]
    for (const [j, other] of [...b].entries()) {
      next.push(Math.min((row[j] ?? 0) + (letter === other ? 0 : 1), (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
