/** One part of a restore, as the node that ran it reports it. */
export interface Attempt {
  readonly part: 'sizing' | 'reading'
  /** The node. */
  readonly where: string
  /** `stalled` if it made no progress and was stopped. `not tried` if the node had stalled earlier, or its chain was refused. */
  readonly ended: 'exited' | 'stalled' | 'not tried'
  /** Why the headers of its chain kept it from being tried. */
  readonly refusal?: ChainRefusal
  readonly exitCode: number | null
  /** The ends of its output. Empty if it was stopped. */
  readonly stdout: string
  readonly stderr: string
  /** Undefined if it was not tried. */
  readonly command?: ExecutedCommand
}

/** Why no program was given a chain to open: what its headers say would lead it to other files, or nowhere. */
export interface ChainRefusal {
  readonly kind: 'unsafe image' | 'cycle' | 'not qcow2'
  /** The image whose header says so. */
  readonly path: string
  readonly sentence: string
}

/** A command as it was executed on a node. */
export interface ExecutedCommand {
  readonly argv: readonly string[]
  readonly user: { readonly uid: number; readonly gid: number }
  /** Undefined if it saw what the host sees. */
  readonly mountNamespace?: string
  /** By the node's clock: ISO 8601, UTC. */
  readonly startedAt: string
  /** The time of the command alone. The node measures it; of a stopped command, what stopped it does. */
  readonly durationMs: number
}

/** One link of a chain as the product's user sees it. */
export interface ObservedLink {
  readonly path: string
  /**
   * `image`, `not qcow2`, `not a file`, `outside the targets`, `not visible yet` (it was missing at a first look, and not at a second one), or the
   * code of the error: `ENOENT`, `EACCES`, `EIO` … `EAGAIN` if another process keeps it from being read by a lock.
   */
  readonly state: string
  /** True if the modes on the way permit reading, which was denied. Undefined if it was not denied. */
  readonly modesPermit?: boolean
  readonly sizeBytes?: number
  /** Its device and inode, which are the same by any path. */
  readonly file?: string
  /** The name of the parent in the header. */
  readonly backing?: string
  /** The directory that its share is mounted at, and the number of its entries. */
  readonly mountPath: {
    readonly path: string
    readonly state: string
    readonly modesPermit?: boolean
    readonly entries?: number
  }
}

/** Observation of a chain on a node, right after a restore failed there. */
export interface ChainObservation {
  readonly where: string
  /** False if looking timed out. Then nothing else is known. */
  readonly answered: boolean
  /** The image first, then its parents as far as headers lead. A file that the chain has already is the last link. */
  readonly links: readonly ObservedLink[]
  /** Content of /proc/self/mountinfo. */
  readonly mounts: string
}

/** Everything that a reason can rest on. */
export interface Evidence {
  readonly attempts: readonly Attempt[]
  /** Made on the node where it failed. */
  readonly observation?: ChainObservation
  readonly recordedDigest: string
  readonly restoredDigest?: string
}
