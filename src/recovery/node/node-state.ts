import type { BindInFstab } from '../fstab/bind-in-fstab.ts'

/** The state of a path on a node. */
export interface PathState {
  readonly path: string
  readonly kind: 'missing' | 'directory' | 'other' | 'unreadable'
  /** The first symbolic link on the way to it, the path itself included. */
  readonly link?: string
  /** The topmost mount on it. */
  readonly mount?: {
    /** File system, and folder of it: a bind has the same as what was bound. */
    readonly of: string
    readonly type: string
    readonly source: string
    readonly isShared: boolean
  }
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

/** The state of a node, as far as recovery needs it. */
export interface NodeState {
  readonly where: string
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

/** True if the origin path shows what is mounted at the local path: by a mount, a link, or a folder that is bound. */
export function shows(origin: PathState, local: PathState): boolean {
  if (local.mount === undefined) return false
  return origin.mount?.of === local.mount.of || (origin.id !== undefined && origin.id === local.id)
}

/** True if the node and its service see a mounted target. Undefined if that is unknown. */
export function hasTarget({ serviceUnknown }: NodeState, { host, service }: TargetState): boolean | undefined {
  if (host.mount === undefined) return false
  if (serviceUnknown !== undefined) return undefined
  return service === undefined || service.mount !== undefined
}

/** True if the origin path shows the local data on the host and for the service. Undefined if that is unknown. */
export function resolves(state: NodeState, pair: PairState): boolean | undefined {
  if (!shows(pair.origin, pair.local)) return false
  if (state.serviceUnknown !== undefined) return undefined
  return pair.service === undefined || shows(pair.service.origin, pair.service.local)
}
