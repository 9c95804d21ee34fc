import { type Bind, hasBind, mountsAt } from '../action/fstab.ts'

/** What is at a path of a node. */
export interface PathState {
  readonly path: string
  readonly kind: 'missing' | 'directory' | 'other' | 'unreadable'
  /** The first symbolic link on the way to it, itself included. */
  readonly link?: string
  /** What is mounted on it, the topmost. */
  readonly mount?: {
    /** File system and folder of it: the same for a bind as for what was bound. */
    readonly of: string
    readonly type: string
    readonly source: string
    readonly isShared: boolean
  }
  /** Of a directory on which nothing is mounted. */
  readonly isEmpty?: boolean
  /** Device and inode of a directory that is not empty: it is the same one, whatever leads to it. */
  readonly id?: string
  readonly uid?: number
  readonly gid?: number
  readonly error?: string
}

/** One origin path, what it stands for here, and what of it is there. */
export interface PairState {
  readonly local: PathState
  readonly origin: PathState
  readonly isKeptInFstab: boolean
  /** Whether fstab mounts the share; otherwise the product does, or somebody by hand. */
  readonly isLocalInFstab: boolean
  /** What the product's service sees, where that has mounts of its own. */
  readonly service?: { readonly local: PathState; readonly origin: PathState }
}

/** Where the site has a target mounted. */
export interface TargetState {
  readonly host: PathState
  /** What the product's service sees, where that has mounts of its own. */
  readonly service?: PathState
}

/** A node, as far as a recovery is concerned. */
export interface NodeState {
  readonly where: string
  readonly targets: readonly TargetState[]
  readonly pairs: readonly PairState[]
  readonly isSystemd: boolean
  /** Why fstab cannot be added to. */
  readonly whyNotFstab?: string
  /** Why it is not known what the service sees. */
  readonly serviceUnknown?: string
  /** What it says of its version, empty where there is none: the host's, and where the service has mounts of its own, its. */
  readonly qemuImg: string
  readonly serviceQemuImg?: string
}

/** Whether a path shows what is mounted at the other one: by a mount, or since a link or a bound folder leads there. */
export function shows(origin: PathState, local: PathState): boolean {
  if (local.mount === undefined) return false
  return origin.mount?.of === local.mount.of || (origin.id !== undefined && origin.id === local.id)
}

/** Whether the node has a target, and its service too; undefined where that is not known. */
export function isThere({ serviceUnknown }: NodeState, { host, service }: TargetState): boolean | undefined {
  if (host.mount === undefined) return false
  if (serviceUnknown !== undefined) return undefined
  return service === undefined || service.mount !== undefined
}

/** Whether images are found at the origin path: on the host, and by the service; undefined where that is not known. */
export function resolves(state: NodeState, pair: PairState): boolean | undefined {
  if (!shows(pair.origin, pair.local)) return false
  if (state.serviceUnknown !== undefined) return undefined
  return pair.service === undefined || shows(pair.service.origin, pair.service.local)
}

/** What fstab has to say about a pair. @param fstab its text, a character a byte, and whether systemd mounts it */
export function fstabState(
  { text, isSystemd }: { readonly text: string; readonly isSystemd: boolean },
  { local, origin }: Bind,
): Pick<PairState, 'isKeptInFstab' | 'isLocalInFstab'> {
  const bytes = (path: string) => Buffer.from(path).toString('latin1')
  return {
    isKeptInFstab: hasBind(text, { local: bytes(local), origin: bytes(origin) }, isSystemd),
    isLocalInFstab: mountsAt(text, bytes(local)),
  }
}
