import type { JournalEntry } from '../../../src/journal/journal.ts'
import { isStorage, type MountLine, readMounts } from './mount-lines.ts'
import { readEvidence } from './restore-evidence.ts'

/** A directory of a node at which data of a share is found. */
export interface MountedPath {
  readonly path: string
  /** The mounted share. Undefined if the journal does not hold it. */
  readonly share?: string
  /** True if only the name of the path shows the share: no mount table was recorded. */
  readonly isByName?: true
  /** The path that is bound here. Undefined for a mount of the share itself. */
  readonly boundFrom?: string
}

export interface TopologyNode {
  readonly name: string
  readonly isLost: boolean
  readonly paths: readonly MountedPath[]
}

/** The mounts of all nodes at one moment. */
export interface Topology {
  readonly nodes: readonly TopologyNode[]
  readonly shares: readonly string[]
}

/** The topology of a drill before its first change of a mount, and at its end. */
export interface TopologyChange {
  readonly before: Topology
  readonly after: Topology
}

type State = Map<string, Map<string, MountedPath>>

/** Derives the mounts of a drill from its backups, mount tables and actions. Nothing is assumed that was not recorded. */
export function topologyOf(entries: readonly JournalEntry[]): TopologyChange {
  const state: State = new Map()
  const lost = new Set<string>()
  let before: Topology | undefined
  const local = localPaths(entries)
  for (const entry of entries) {
    if (entry.kind === 'observation' && entry.subject === 'the nodes of the site' && Array.isArray(entry.facts))
      for (const node of entry.facts) pathsOf(state, String(node))
    if (entry.kind === 'backup')
      for (const node of [...state.keys()].filter((name) => name.startsWith(`${entry.site}/`)))
        pathsOf(state, node).set(entry.originPath, { path: entry.originPath, share: entry.share })
    if (entry.kind === 'fault' && entry.fault === 'site loss') lost.add(entry.subject.replace(/^site /, ''))
    const [where, table] = tableOf(entry)
    if (where !== undefined && table !== undefined) state.set(nameIn(state, where), readPaths(table))
    if (entry.kind !== 'action') continue
    const { kind, local: source, origin } = fieldsOf(entry.action)
    if (kind !== 'bind' && kind !== 'unbind') continue
    if (before === undefined) {
      // What is bound later has been there all the time.
      for (const { node, path } of local) {
        const paths = pathsOf(state, nameIn(state, node))
        if (!paths.has(path)) paths.set(path, pathByName(path))
      }
      before = snapshotOf(state, lost)
    }
    const paths = pathsOf(state, nameIn(state, entry.where))
    if (entry.outcome !== 'done' || typeof origin !== 'string') continue
    if (kind === 'unbind') paths.delete(origin)
    if (kind === 'bind' && typeof source === 'string') {
      const { share } = paths.get(source) ?? {}
      paths.set(origin, { path: origin, boundFrom: source, ...(share === undefined ? {} : { share }) })
    }
  }
  const after = snapshotOf(state, lost)
  return { before: before ?? after, after }
}

function fieldsOf(action: unknown): Readonly<Record<string, unknown>> {
  return typeof action === 'object' && action !== null ? (action as Readonly<Record<string, unknown>>) : {}
}

/** Returns the paths that a drill binds, on each node. */
function localPaths(entries: readonly JournalEntry[]): readonly { readonly node: string; readonly path: string }[] {
  return entries.flatMap((entry) => {
    if (entry.kind !== 'action') return []
    const { kind, local } = fieldsOf(entry.action)
    return kind === 'bind' && typeof local === 'string' ? [{ node: entry.where, path: local }] : []
  })
}

/** Returns a mount path with the share that its name encodes, if it does. */
function pathByName(path: string): MountedPath {
  const name = path.split('/').at(-1) ?? ''
  if (!/^[\w+/]+={0,2}$/.test(name) || name.length % 4 !== 0) return { path }
  try {
    const share = atob(name)
    return /^[\x21-\x7e]*\/[\x21-\x7e]*$/.test(share) ? { path, share, isByName: true } : { path }
  } catch {
    return { path }
  }
}

function pathsOf(state: State, node: string): Map<string, MountedPath> {
  const known = state.get(node)
  if (known !== undefined) return known
  const paths = new Map<string, MountedPath>()
  state.set(node, paths)
  return paths
}

/** Returns the name that the state has for a node: `recovery/compute-1` for `compute-1`. */
function nameIn(state: State, where: string): string {
  return [...state.keys()].find((name) => name === where || name.endsWith(`/${where}`)) ?? where
}

function tableOf(entry: JournalEntry): readonly [where?: string | undefined, table?: readonly MountLine[] | undefined] {
  if (entry.kind === 'observation' && entry.subject === 'mount table') return [entry.where, readMounts(entry.facts)]
  if (entry.kind !== 'restore') return []
  const { mounts, where } = readEvidence(entry.evidence)
  return [where, readMounts(mounts)]
}

function readPaths(table: readonly MountLine[]): Map<string, MountedPath> {
  const paths = new Map<string, MountedPath>()
  const first = new Map<string, string>()
  for (const line of table.filter((one) => isStorage(one) && isRemote(one))) {
    const { mountPoint, source, root } = line
    const key = `${source} ${root}`
    const local = first.get(key)
    if (local === undefined) first.set(key, mountPoint)
    paths.set(mountPoint, { path: mountPoint, share: source, ...(local === undefined ? {} : { boundFrom: local }) })
  }
  return paths
}

const isRemote = ({ type }: MountLine): boolean => /^(nfs|fuse|s3fs)/.test(type)

function snapshotOf(state: State, lost: ReadonlySet<string>): Topology {
  const nodes = [...state].map(([name, paths]) => ({
    name,
    isLost: lost.has(name.split('/')[0] ?? ''),
    paths: [...paths.values()],
  }))
  const shares = new Set(nodes.flatMap(({ paths }) => paths.flatMap(({ share }) => share ?? [])))
  return { nodes, shares: [...shares].sort() }
}
