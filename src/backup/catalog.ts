/**
 * An image that the primary site's product has written, as recorded while it was written. Every restore is judged against
 * it. Paths are relative to the mount path and start with `workload_`.
 */
export interface ImageRecord {
  readonly workload: string
  readonly workloadId: string
  readonly vm: string
  readonly vmId: string
  /** Device label, e.g. `vda`. */
  readonly disk: string
  /** 1 for the first snapshot of the workload. */
  readonly snapshot: number
  readonly snapshotId: string
  /** Type of this disk's image: a snapshot can have both. */
  readonly type: 'full' | 'incremental'
  /** Relative to the mount path. */
  readonly path: string
  /** Paths of all links, this image first, the full image last. */
  readonly chain: readonly string[]
  readonly virtualSizeBytes: number
  /** Content digest, version 1, of the live disk at the time of the snapshot: 64 hex digits. */
  readonly digest: string
}

export interface Catalog {
  readonly images: readonly ImageRecord[]
  /** The mount path that all images were written under. */
  readonly originPath: string
}
