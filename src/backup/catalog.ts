/**
 * What the primary site's product has written, as recorded while it was written: the reference that every
 * restore is judged against. Paths are relative to the mount path and start with `workload_`.
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
  /** Of this disk in this snapshot. */
  readonly type: 'full' | 'incremental'
  /** Relative to the mount path. */
  readonly path: string
  /** Relative paths of all links, this image first, the full image last. */
  readonly chain: readonly string[]
  readonly virtualSizeBytes: number
  /** Content digest, version 1, of the live disk when the snapshot was taken: 64 hex digits. */
  readonly digest: string
}

export interface Catalog {
  readonly images: readonly ImageRecord[]
  /** The mount path the images were written under: the origin path of all of them. */
  readonly originPath: string
}
