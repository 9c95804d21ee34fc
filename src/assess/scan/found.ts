import type { TableVerdict } from '../../image/table-verdict.ts'
import type { RecordProblem } from '../../target/record-files.ts'

/**
 * How much a scan reads of an image: nothing (`owners` reads only the records that name the owner of a workload), the header,
 * or also the tables, compared with the length of the file.
 */
export type ScanDepth = 'owners' | 'headers' | 'tables'

/** Facts that show whether two hosts have the same target: numbers of folders, which a copy of it does not share. */
export interface TargetIdentity {
  /** The number of its root in its file system. */
  readonly inode: number
  /** Those of some of its workloads. */
  readonly workloads: Readonly<Record<string, number>>
}

/** One workload on all targets: it may be on several. */
export interface FoundWorkload {
  readonly workloadId: string
  readonly parts: readonly FoundPart[]
}

/** The part of a workload on one target. */
export interface FoundPart {
  /** The index of the target in the order in which they were given. */
  readonly target: number
  /** The facts in `workload_db`. Undefined if it is missing or unreadable, which is then a problem. */
  readonly record?: WorkloadFacts
  /** Set if `workload_vms_db` exists and is readable. */
  readonly hasVms?: true
  readonly snapshots: readonly FoundSnapshot[]
  readonly problems: readonly RecordProblem[]
  readonly oddities: readonly Oddity[]
  /** Why the folder was not read completely. Undefined if it was. */
  readonly unread?: string
}

export interface WorkloadFacts {
  readonly name?: string
  readonly userId?: string
  readonly projectId?: string
  readonly status?: string
  readonly isDeleted?: boolean
  readonly isEncrypted?: boolean
  readonly secretId?: string
  /** Undefined unless the scan was for owners. */
  readonly owner?: OwnerFacts
}

/** Facts about the owner in the record of a workload. */
export interface OwnerFacts {
  /** The text of its schedule. Undefined if it has none. */
  readonly schedule?: string
  /** The names of project and user, if metadata has them. */
  readonly projectName?: string
  readonly userName?: string
}

export interface FoundSnapshot {
  readonly snapshotId: string
  readonly record?: FoundSnapshotFacts
  /** The names of VMs in `snapshot_vms_db`, by id. Undefined if it is missing or unreadable. */
  readonly vmNames?: Readonly<Record<string, string>>
  /** The selected disks in `resources_db`. Undefined if it is missing or unreadable. */
  readonly resources?: readonly DiskResource[]
  readonly disks: readonly FoundDisk[]
  readonly problems: readonly RecordProblem[]
  readonly oddities: readonly Oddity[]
  readonly unread?: string
}

export interface FoundSnapshotFacts {
  readonly name?: string
  readonly projectId?: string
  readonly type?: string
  readonly status?: string
  readonly isDeleted?: boolean
  readonly createdAt?: string
  readonly finishedAt?: string
  /** The length of all its images, if the product records what its name says. Undefined if only one VM was selected. */
  readonly sizeBytes?: number
  /** The size of all its disks, likewise. */
  readonly virtualBytes?: number
  /** Undefined unless the scan was for owners. */
  readonly userId?: string
}

export interface DiskResource {
  readonly resourceId: string
  readonly vmId?: string
  readonly device?: string
  readonly volumeId?: string
  /** The type of its backup: full or incremental. */
  readonly type?: string
}

/** The folder of one disk in one snapshot. */
export interface FoundDisk {
  readonly vmId: string
  readonly resourceId: string
  readonly device: string
  /** Relative to the mount path. */
  readonly folder: string
  /** The rows of `disk_db`. Undefined if it is missing or unreadable. */
  readonly rows?: readonly DiskRow[]
  readonly images: readonly FoundImage[]
  readonly unread?: string
}

export interface DiskRow {
  readonly id?: string
  readonly backingId?: string
  readonly isTop?: boolean
  /** Below the mount path, with a leading slash. */
  readonly vaultUrl?: string
  /** The digest of the content. Undefined unless it was recorded with the backup. */
  readonly digest?: string
  /** The length of the file, if the product records what its name says. */
  readonly sizeBytes?: number
  /** The size of the disk, likewise. */
  readonly virtualBytes?: number
  /** Undefined if it is available. */
  readonly status?: string
}

/** A regular file in the place of an image. */
export interface FoundImage {
  readonly name: string
  readonly fileBytes: number
  readonly uid: number
  readonly gid: number
  /** When it was modified last, in milliseconds since 1970. */
  readonly writtenMs?: number
  readonly header?: HeaderFacts
  readonly problem?: ImageProblem
  /** The verdict on the tables. Undefined if they are sound or were not read. */
  readonly tables?: TableVerdict
  /** True if the tables were read, and there is no content in the image. */
  readonly isBlank?: true
  /** Undefined unless the scan was asked for it. */
  readonly identity?: FileState
}

/** With its length: what shows whether a file is still the same, without reading all of it. */
export interface FileIdentity {
  /** When its content was changed last, in milliseconds since 1970. */
  readonly writtenMs: number
  /** SHA-256 of its first 4 KiB. */
  readonly head: string
}

/** Facts that also change if another file takes its place, or if its times are set back. A copy has other ones. */
export interface FileState extends FileIdentity {
  /** Its number in its file system. */
  readonly inode: number
  /** When anything about it was changed last, in milliseconds since 1970. */
  readonly changedMs: number
}

/** The parts of a header that the verdict on a chain needs. */
export interface HeaderFacts {
  readonly virtualBytes: number
  /** The name of the parent, as the header has it. */
  readonly backing?: string
  readonly backingFormat?: string
  readonly encryption?: 'aes' | 'luks'
  readonly hasExternalData?: true
  /** QEMU found that the image contradicts itself, and set its bit for that. */
  readonly isMarkedCorrupt?: true
}

export interface ImageProblem {
  readonly kind: 'not-qcow2' | 'truncated' | 'damaged' | 'unsupported' | 'unreadable'
  readonly message: string
}

/** An entry that was not opened, or could not be. */
export interface Oddity {
  readonly kind: 'symbolic-link' | 'not-a-file' | 'unreadable' | 'unexpected' | 'copy' | 'leftover'
  /** Relative to the mount path. */
  readonly path: string
  readonly message?: string
}
