import type { TableVerdict } from '../../image/table-verdict.ts'
import type { RecordProblem } from '../../target/record-files.ts'

/** How closely a scan looks at images: their headers, or also their tables held against the length of the file. */
export type ScanDepth = 'headers' | 'tables'

/** All that the targets have of one workload; a workload may be on several. */
export interface FoundWorkload {
  readonly workloadId: string
  readonly parts: readonly FoundPart[]
}

/** What one target has of a workload. */
export interface FoundPart {
  /** The target's index in the order in which they were given. */
  readonly target: number
  /** What `workload_db` says. Left out: there is none, or it could not be read, and then there is a problem. */
  readonly record?: WorkloadFacts
  /** There is a `workload_vms_db`, and it can be read. */
  readonly hasVms?: true
  readonly snapshots: readonly FoundSnapshot[]
  readonly problems: readonly RecordProblem[]
  readonly oddities: readonly Oddity[]
  /** Why not all of the workload's folder was seen. */
  readonly unread?: string
}

export interface WorkloadFacts {
  readonly name?: string
  readonly projectId?: string
  readonly status?: string
  readonly isDeleted?: boolean
  readonly isEncrypted?: boolean
  readonly secretId?: string
}

export interface FoundSnapshot {
  readonly snapshotId: string
  readonly record?: FoundSnapshotFacts
  /** Names by id, as `snapshot_vms_db` has them. Left out: there is none, or it could not be read. */
  readonly vmNames?: Readonly<Record<string, string>>
  /** What `resources_db` says there is of disks that were asked for. Left out: there is none, or it could not be read. */
  readonly resources?: readonly DiskResource[]
  readonly disks: readonly FoundDisk[]
  readonly problems: readonly RecordProblem[]
  readonly oddities: readonly Oddity[]
  readonly unread?: string
}

export interface FoundSnapshotFacts {
  readonly name?: string
  readonly type?: string
  readonly status?: string
  readonly isDeleted?: boolean
  readonly createdAt?: string
}

export interface DiskResource {
  readonly resourceId: string
  readonly vmId?: string
  readonly device?: string
  readonly volumeId?: string
}

/** One disk in one snapshot: a folder. */
export interface FoundDisk {
  readonly vmId: string
  readonly resourceId: string
  readonly device: string
  /** Relative to the mount path. */
  readonly folder: string
  /** Rows of `disk_db`. Left out: there is none, or it could not be read. */
  readonly rows?: readonly DiskRow[]
  readonly images: readonly FoundImage[]
  readonly unread?: string
}

export interface DiskRow {
  readonly id?: string
  readonly backingId?: string
  readonly isTop?: boolean
  /** From the mount path, with its leading slash. */
  readonly vaultUrl?: string
  /** Of the content, where it was recorded with the backup. */
  readonly digest?: string
}

/** A regular file where an image should be. */
export interface FoundImage {
  readonly name: string
  readonly fileBytes: number
  readonly uid: number
  readonly gid: number
  readonly header?: HeaderFacts
  readonly problem?: ImageProblem
  /** Where tables were looked at, and are not sound. */
  readonly tables?: TableVerdict
}

/** Of a header, what is needed to judge a chain. */
export interface HeaderFacts {
  readonly virtualBytes: number
  /** The parent's name, as it stands there. */
  readonly backing?: string
  readonly backingFormat?: string
  readonly encryption?: 'aes' | 'luks'
  readonly hasExternalData?: true
}

export interface ImageProblem {
  readonly kind: 'not-qcow2' | 'truncated' | 'damaged' | 'unsupported' | 'unreadable'
  readonly message: string
}

/** An entry that is not opened, or could not be. */
export interface Oddity {
  readonly kind: 'symbolic-link' | 'not-a-file' | 'unreadable' | 'unexpected'
  /** Relative to the mount path. */
  readonly path: string
  readonly message?: string
}
