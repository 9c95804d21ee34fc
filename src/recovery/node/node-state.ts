import type { PathFinding } from '../../reason/path-evidence.ts'
import type { BindInFstab } from '../fstab/bind-in-fstab.ts'

/** A mount, as the mount table has it. */
export interface MountedHere {
  /** File system, and folder of it: a bind has the same as what was bound. */
  readonly of: string
  readonly type: string
  readonly source: string
  readonly isShared: boolean
}

/** The state of a path on a node. */
export interface PathState {
  readonly path: string
  readonly kind: 'missing' | 'directory' | 'other' | 'unreadable'
  /** The first symbolic link on the way to it, the path itself included. */
  readonly link?: string
  /** The topmost mount on it, and those stacked below, from the top. Undefined if a lookup of the path meets none there. */
  readonly mount?: MountedHere & { readonly below?: readonly MountedHere[] }
  /** Mounts on it that no lookup meets, because something is mounted above it, and where. */
  readonly hidden?: { readonly mounts: readonly MountedHere[]; readonly by: string }
  /** Undefined unless it is a directory on which nothing is mounted. */
  readonly isEmpty?: boolean
  /** Device and inode of a directory that is not empty: the same by whichever path it is reached. */
  readonly id?: string
  readonly uid?: number
  readonly gid?: number
  readonly error?: string
}

/** One origin path, and the local path of the same data, as they are on a node. */
export interface PairState extends BindInFstab {
  readonly local: PathState
  readonly origin: PathState
  /** The same for the product's service. Undefined if it has no mounts of its own. */
  readonly service?: { readonly local: PathState; readonly origin: PathState }
}

/** The mount path of a target, as it is on a node. */
export interface TargetState {
  readonly host: PathState
  /** The same for the product's service. Undefined if it has no mounts of its own. */
  readonly service?: PathState
}

/** Whether the expected images are read through a path, as the product's user. */
export interface FoundPath {
  readonly path: string
  /** The mount path of the target whose images are expected: its own for a target. */
  readonly local: string
  readonly host: PathFinding
  /** The same for the product's service. Undefined if it has no mounts of its own. */
  readonly service?: PathFinding
}

/** The state of a node, as far as recovery needs it. */
export interface NodeState {
  readonly where: string
  readonly found: readonly FoundPath[]
  readonly targets: readonly TargetState[]
  readonly pairs: readonly PairState[]
  readonly isSystemd: boolean
  /** Why no line can be added to fstab. Undefined if one can. */
  readonly whyNotFstab?: string
  /** Why what the service sees is unknown. */
  readonly serviceUnknown?: string
  /** The first line of the host's `qemu-img --version`. Empty if it has none. */
  readonly qemuImg: string
  /** The same where the service runs. Undefined if it has no mounts of its own. */
  readonly serviceQemuImg?: string
}

/**
 * True if the mount table has the same at both paths, or both are one folder. It proves nothing about the files: see
 * `findingAt`.
 */
export function shows(origin: PathState, local: PathState): boolean {
  if (local.mount === undefined) return false
  return origin.mount?.of === local.mount.of || (origin.id !== undefined && origin.id === local.id)
}

/** Whether a path leads to the images that are expected there, for the host and for the product's service. */
export function foundAt({ found }: NodeState, path: string, local: string = path): FoundPath {
  const one = found.find((other) => other.path === path && other.local === local)
  return one ?? { path, local, host: { state: 'unknown', why: `${path} was not examined` } }
}

/** The same where restores run: in the product's service, if it has mounts of its own. */
export function findingAt(state: NodeState, path: string, local: string = path): PathFinding {
  const { host, service } = foundAt(state, path, local)
  if (service === undefined) {
    const isKnown = state.serviceUnknown === undefined || isBad(host)
    return isKnown ? host : { state: 'unknown', why: state.serviceUnknown ?? '' }
  }
  if (service.state === 'resolves' || host.state !== 'resolves') return service
  return { ...service, why: `the host sees it, but the product's service does not: ${service.why}` }
}

/** The same for the mount path of a target, where a share must be mounted. */
export function findingOfTarget(state: NodeState, { host, service }: TargetState): PathFinding {
  const finding = findingAt(state, host.path)
  if (host.mount !== undefined || service !== undefined) return finding
  return { state: 'missing', reason: 'image missing', why: `nothing is mounted at ${host.path}` }
}

/** True if it is known that images are not read through a path. */
export const isBad = ({ state }: PathFinding): boolean => state !== 'resolves' && state !== 'unknown'
