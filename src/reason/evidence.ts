/** How one part of a restore went, by what qemu-img itself said. */
export interface Attempt {
  readonly part: 'sizing' | 'reading'
  /** The node. */
  readonly where: string
  /** `stalled` when it made no progress and was stopped; `not tried` when the node had stalled before it. */
  readonly ended: 'exited' | 'stalled' | 'not tried'
  readonly exitCode: number | null
  readonly stderr: string
}

/** What was seen of one link of a chain, as the product's user. */
export interface ObservedLink {
  readonly path: string
  /** `image`, `not qcow2`, `not a file`, or the name of the error: `ENOENT`, `EACCES`, `EIO` … */
  readonly state: string
  readonly sizeBytes?: number
  /** The parent as the header names it. */
  readonly backing?: string
  /** The directory that a share would be mounted at, and how many entries it has. */
  readonly mountPath: { readonly path: string; readonly state: string; readonly entries?: number }
}

/** What was seen on a node right after a restore failed there. */
export interface Observation {
  readonly where: string
  /** False when looking itself did not come to an end: then nothing else is known. */
  readonly answered: boolean
  /** The image first, then its parents as far as their headers lead. */
  readonly links: readonly ObservedLink[]
  /** /proc/self/mountinfo. */
  readonly mounts: string
}

/** Everything that a reason may rest on. */
export interface Evidence {
  readonly attempts: readonly Attempt[]
  /** Of the node where it failed. */
  readonly observation?: Observation
  readonly recordedDigest: string
  readonly restoredDigest?: string
}
