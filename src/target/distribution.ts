import { InputError } from '../errors.ts'
import type { PathRule } from './mount-path.ts'

/** What a distribution of the product fixes about its nodes. */
export interface Distribution {
  /** e.g. `kolla`. */
  readonly name: string
  /** Product version as asked for, e.g. `4.1`. */
  readonly version: string
  /** Where shares are mounted; no trailing slash. */
  readonly baseDirectory: string
  readonly pathRule: PathRule
  /** As given to `mount -o` and fstab. */
  readonly mountOptions: string
  /** Whether shares are mounted when they are needed and unmounted when idle, or once and for all. */
  readonly mountsOnDemand: boolean
  /** Whom the product runs as, and whom images belong to. */
  readonly user: { readonly uid: number; readonly gid: number }
  /** Where each fact is from, with its mark: [doc] vendor documentation, [pub] public repositories, [inf] inferred. */
  readonly source: string
}

interface Row extends Pick<Distribution, 'name' | 'baseDirectory' | 'user' | 'source'> {
  /** First and last product version, both included. */
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
]

/** A directory in which the product mounts shares, wherever it does. */
export interface BaseDirectory {
  readonly path: string
  /** Distributions and versions that mount there, where that is known. */
  readonly of: readonly string[]
  readonly source: string
}

/** All that there are, also those of which only the directory is known. */
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

/** Those of the distributions that can be chosen. */
export const baseDirectories: readonly string[] = [...new Set(rows.map((row) => row.baseDirectory))]

/** Those whose data mover runs in a container with mounts of its own [pub]: what the host sees proves nothing there. */
const containerized = new Set(['kolla', 'rhosp', 'rhoso', 'helm'])

/** Whether the service has mounts of its own, by the distribution where that is known, else by where it mounts shares. */
export function isContainerized(distribution: string | undefined, baseDirectory: string | undefined): boolean {
  if (distribution !== undefined) return containerized.has(distribution)
  const there = rows.filter((row) => row.baseDirectory === baseDirectory)
  return there.length > 0 && there.every(({ name }) => containerized.has(name))
}

/**
 * Looks up a distribution in a version (`major.minor`) of the product.
 * @throws InputError for an unknown pair; it names the nearest and lists all
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

/** Mount options of public configuration repositories; version 3 is fixed from 4.2 or 4.3, depending on distribution. */
function nfs(name: string, version: string, source: string): Pick<Distribution, 'mountOptions' | 'source'> {
  const said = `${source}; path rule [doc]; NFS options [pub]`
  if (name === 'kolla' && order(version) >= order('4.3')) {
    return { mountOptions: 'nolock,soft,timeo=600,intr,lookupcache=none,nfsvers=3,retrans=10', source: said }
  }
  const common = 'nolock,soft,timeo=180,intr,lookupcache=none'
  return order(version) < order('4.2')
    ? { mountOptions: common, source: said }
    : { mountOptions: `${common},nfsvers=3`, source: `${said}, with nfsvers=3 already in 4.2 [inf]` }
}

function unknown(name: string, version: string): InputError {
  const nearest = rows
    .map((row) => ({ row, version: nearestVersion(version, row.versions), nameDistance: editDistance(name, row.name) }))
    .map((one) => ({ ...one, versionDistance: Math.abs(order(one.version) - order(version)) }))
    .sort((a, b) => a.nameDistance - b.nameDistance || a.versionDistance - b.versionDistance)[0]
  const known = rows.map((row) => `${row.name} ${[...new Set(row.versions)].join(' to ')}`).join(', ')
  return new InputError(
    `unknown distribution and version: ${JSON.stringify(`${name} ${version}`)}; the nearest is ${nearest?.row.name} ${nearest?.version}`,
    { remedy: `Known are ${known}.` },
  )
}

function nearestVersion(version: string, [first, last]: Row['versions']): string {
  if (!isVersion(version) || order(version) > order(last)) return last
  return order(version) < order(first) ? first : version
}

function isVersion(version: string): boolean {
  return /^\d{1,3}\.\d{1,3}$/.test(version)
}

/** 4.10 is after 4.9. */
function order(version: string): number {
  const [major = 0, minor = 0] = isVersion(version) ? version.split('.').map(Number) : []
  return major * 1000 + minor
}

/** Levenshtein's: how many letters to change, add or drop. */
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
