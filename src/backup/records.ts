import { diskFolder, type ImagePlace, imagePath, snapshotFolder, uuidFrom, workloadFolder } from '../target/layout.ts'
import {
  contentDigestKey,
  endpointKey,
  type MetadataRow,
  type RecordKind,
  type RecordOf,
  writeRecord,
} from '../target/record-files.ts'

/** A record file of the product beside its images; paths are relative to the mount path. */
export interface RecordFile {
  readonly path: string
  readonly content: string
}

export interface RecordedWorkload {
  readonly id: string
  readonly name: string
  readonly userId: string
  readonly projectId: string
  readonly typeId: string
  readonly productVersion: string
  readonly vms: readonly RecordedVm[]
  /** The share that it is backed up to, as the product has it. Undefined if it is not recorded. */
  readonly share?: string
  /** Id of the secret that opens its images. Undefined if it is not encrypted. */
  readonly secretId?: string
}

export interface RecordedVm {
  readonly id: string
  readonly name: string
  /** Names in its cloud. Undefined if they are not recorded. */
  readonly parts?: InstanceNames
}

/** The names in its cloud that an instance is made of. */
export interface InstanceNames {
  readonly flavor: string
  readonly network: string
  readonly volumeType: string
}

export interface RecordedSnapshot {
  readonly id: string
  readonly name: string
  readonly startedAt: Date
  readonly finishedAt: Date
  readonly disks: readonly RecordedDisk[]
  /** True if its user has deleted it, and later ones still need it. */
  readonly isDeleted?: boolean
}

/** One disk in one snapshot. */
export interface RecordedDisk {
  readonly vm: RecordedVm
  readonly type: 'full' | 'incremental'
  readonly volumeId: string
  readonly virtualSizeBytes: number
  /** The image that a restore reads is the last one. The base of an image-booted disk comes before it. */
  readonly images: readonly RecordedImage[]
}

export interface RecordedImage {
  readonly place: ImagePlace
  /** Image id of the parent. Undefined if it has none. */
  readonly backingId?: string
  /** Length of its file. */
  readonly sizeBytes: number
  /** Content digest, version 1, of the disk that was backed up. */
  readonly digest?: string
  readonly virtualSizeBytes: number
}

/** Returns the smallest record of a cloud's settings. */
export function settingsRecord(cloudId: string): RecordFile {
  return file('settings_db', cloudId, [{ name: 'smtp_server_name', value: 'localhost' }])
}

/** Returns the records of a workload, with the fields that public vendor scripts, tests and older releases have. */
export function workloadRecords(workload: RecordedWorkload): readonly RecordFile[] {
  const folder = workloadFolder(workload.id)
  return [
    file('workload_db', folder, {
      id: workload.id,
      user_id: workload.userId,
      project_id: workload.projectId,
      display_name: workload.name,
      display_description: `Backs up ${workload.vms.map((vm) => vm.name).join(' and ')}`,
      workload_type_id: workload.typeId,
      availability_zone: 'nova',
      jobschedule: "{'enabled': True, 'interval': '24hrs', 'fullbackup_interval': '-1'}",
      host: 'appliance',
      status: 'available',
      deleted: false,
      version: workload.productVersion,
      ...(workload.secretId !== undefined && { encryption: true, secret_uuid: workload.secretId }),
      metadata: endpointRows(workload),
    }),
    file(
      'workload_vms_db',
      folder,
      workload.vms.map((vm) => ({
        id: uuidFrom(`${workload.id}/${vm.id}`),
        workload_id: workload.id,
        vm_id: vm.id,
        vm_name: vm.name,
        status: 'available',
        metadata: [],
      })),
    ),
  ]
}

/**
 * Returns the record files of one snapshot. `snapshot_db` comes last: it completes the snapshot. No path in a record is
 * absolute.
 */
export function snapshotRecords(workload: RecordedWorkload, snapshot: RecordedSnapshot): readonly RecordFile[] {
  const folder = snapshotFolder({ workloadId: workload.id, snapshotId: snapshot.id })
  const bytesOf = (disk: RecordedDisk) => sum(disk.images.map((image) => image.sizeBytes))
  const sizeBytes = sum(snapshot.disks.map(bytesOf))
  return [
    ...snapshot.disks.map(diskRecord),
    file('resources_db', folder, [
      ...snapshot.disks.map((disk) => ({
        id: placeOf(disk).resourceId,
        vm_id: disk.vm.id,
        snapshot_id: snapshot.id,
        resource_type: 'disk',
        resource_name: placeOf(disk).device,
        size: bytesOf(disk),
        snapshot_type: disk.type,
        status: 'available',
        metadata: [
          { key: 'volume_id', value: disk.volumeId },
          { key: 'volume_name', value: `${disk.vm.name}-${placeOf(disk).device}` },
          ...(disk.vm.parts === undefined ? [] : [{ key: 'volume_type', value: disk.vm.parts.volumeType }]),
        ],
      })),
      ...[...new Set(snapshot.disks.map((disk) => disk.vm))].flatMap((vm) => partRecords(vm, snapshot.id)),
    ]),
    file(
      'snapshot_vms_db',
      folder,
      [...new Set(snapshot.disks.map((disk) => disk.vm))].map((vm) => ({
        id: uuidFrom(`${snapshot.id}/${vm.id}`),
        snapshot_id: snapshot.id,
        vm_id: vm.id,
        vm_name: vm.name,
        size: sum(snapshot.disks.filter((disk) => disk.vm === vm).map(bytesOf)),
        status: 'available',
        metadata: [],
      })),
    ),
    file('snapshot_db', folder, {
      id: snapshot.id,
      workload_id: workload.id,
      user_id: workload.userId,
      project_id: workload.projectId,
      snapshot_type: typeOf(snapshot),
      display_name: snapshot.name,
      size: sizeBytes,
      restore_size: sum(snapshot.disks.map((disk) => disk.virtualSizeBytes)),
      uploaded_size: sizeBytes,
      created_at: snapshot.startedAt.toISOString(),
      finished_at: snapshot.finishedAt.toISOString(),
      status: snapshot.isDeleted === true ? 'deleted' : 'available',
      ...(snapshot.isDeleted === true && { deleted: true }),
      data_deleted: false,
      pinned: false,
      time_taken: Math.round((snapshot.finishedAt.getTime() - snapshot.startedAt.getTime()) / 1000),
      error_msg: null,
      warning_msg: null,
      metadata: endpointRows(workload),
    }),
  ]
}

const endpointRows = ({ share }: RecordedWorkload): readonly MetadataRow[] =>
  share === undefined ? [] : [{ key: endpointKey, value: share }]

/** Returns the rows of the flavor and the network of a VM. */
function partRecords({ id, parts }: RecordedVm, snapshotId: string) {
  if (parts === undefined) return []
  return (['flavor', 'network'] as const).map((type) => ({
    id: uuidFrom(`${snapshotId}/${id}/${type}`),
    vm_id: id,
    snapshot_id: snapshotId,
    resource_type: type,
    resource_name: parts[type],
    status: 'available',
    metadata: [],
  }))
}

/** Returns the type of a snapshot. A disk that was added later is full where the others are incremental. */
function typeOf({ disks }: RecordedSnapshot): 'full' | 'incremental' | 'mixed' {
  const types = new Set(disks.map((disk) => disk.type))
  return types.size === 2 ? 'mixed' : ([...types][0] ?? 'full')
}

/** Returns a disk's record. Its backing id is the file name of the parent; `vault_url` starts at the mount path. */
function diskRecord(disk: RecordedDisk): RecordFile {
  return file(
    'disk_db',
    diskFolder(placeOf(disk)),
    disk.images.map(({ place, backingId, sizeBytes, virtualSizeBytes, digest }, nth) => ({
      id: place.imageId,
      snapshot_vm_resource_id: place.resourceId,
      vm_disk_resource_snap_backing_id: backingId ?? null,
      vm_disk_resource_snap_child_id: disk.images[nth + 1]?.place.imageId ?? null,
      top: nth === disk.images.length - 1,
      vault_url: `/${imagePath(place)}`,
      size: sizeBytes,
      restore_size: virtualSizeBytes,
      status: 'available',
      metadata: [
        { key: 'disk_format', value: 'qcow2' },
        ...(digest === undefined ? [] : [{ key: contentDigestKey, value: digest }]),
      ],
    })),
  )
}

function placeOf({ images }: RecordedDisk): ImagePlace {
  const place = images.at(-1)?.place
  if (place === undefined) throw new RangeError('a disk has at least one image')
  return place
}

function file<Kind extends RecordKind>(kind: Kind, folder: string, record: RecordOf<Kind>): RecordFile {
  return { path: `${folder}/${kind}`, content: writeRecord(kind, record) }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0)
}
