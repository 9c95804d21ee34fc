import type { ReasonKind } from './reason.ts'

/** An image that is expected below a path. Its name, its size and parts of its content distinguish it from others. */
export interface ExpectedFile {
  /** Relative to the mount path of its target. */
  readonly path: string
  readonly sizeBytes: number
  /** When it was last written to. It distinguishes nothing, because replication may not keep it. */
  readonly mtimeMs: number
  /** Digest of its first bytes. Undefined if a recovery writes to them. */
  readonly head?: string
  /** Digest of its last bytes. */
  readonly tail: string
}

/** A file as it was read through a path. */
export interface SeenFile {
  /** `file`, `not a file`, or the code of the error. */
  readonly state: string
  /** The kind of what is not a file: `a FIFO`, `a directory` … */
  readonly what?: string
  /** True if the modes on the way permit reading, which was denied. Undefined if it was not denied. */
  readonly modesPermit?: boolean
  readonly sizeBytes?: number
  readonly mtimeMs?: number
  readonly device?: string
  readonly inode?: string
  readonly head?: string
  readonly tail?: string
  /** The name of its parent, if it is an image that has one. */
  readonly parent?: string
}

/** A path, and the files that are expected below it, as the product's user sees them on a node. */
export interface PathSight {
  readonly path: string
  /** `stalled` if something there did not answer; `failed` if looking failed, with an `error`. */
  readonly ended: 'done' | 'stalled' | 'failed'
  readonly error?: string
  /** `directory`, `not a directory`, or the code of the error. Undefined if even this is unknown. */
  readonly state?: string
  readonly modesPermit?: boolean
  readonly isEmpty?: boolean
  readonly device?: string
  readonly inode?: string
  /** The file that was read when it stalled. */
  readonly reads?: string
  /** By the path below. */
  readonly files: ReadonlyMap<string, SeenFile>
}

/** Whether a path leads to the images that are expected there. */
export interface PathFinding {
  /**
   * `resolves`: expected images were read through it. `missing`: no expected image is there. `wrong`: other files are there.
   * `unreadable`: the product's user has no access to it. `unknown`: anything else.
   */
  readonly state: 'resolves' | 'missing' | 'wrong' | 'unreadable' | 'unknown'
  /** Undefined if it resolves, or nothing is proven. */
  readonly reason?: ReasonKind
  /** A sentence for a person. If the path resolves, it names what has changed. */
  readonly why?: string
}
