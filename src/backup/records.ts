import { diskFolder, imagePath, snapshotFolder, uuidFrom, workloadFolder } from '../target/layout.ts'
import { type BackupPlan, disksOf, type PlannedDisk, placeOf, snapshotIdOf, type WorkloadPlan } from './plan.ts'

/** A record file of the product beside its images; paths are relative to the mount path. */
export interface RecordFile {
  readonly path: string
  readonly content: string
}

export interface SnapshotFacts {
  /** 1 for the first one. */
  readonly snapshot: number
  readonly startedAt: Date
  readonly finishedAt: Date
  /** Length of an image's file, by its path. */
  readonly fileBytes: ReadonlyMap<string, number>
}

/**
 * The record files of one snapshot of every workload; with the first one those of the workloads and the cloud's
 * settings as well. `snapshot_db` comes last in each workload: with it the snapshot is there. Fields as public vendor
 * scripts, tests and older generations of the product have them. Nothing in a record is absolute.
 */
export function recordFiles(plan: BackupPlan, facts: SnapshotFacts): readonly RecordFile[] {
  const settings = file(`${plan.cloudId}/settings_db`, [{ name: 'smtp_server_name', value: 'localhost' }])
  return [
    ...(facts.snapshot === 1 ? [settings] : []),
    ...plan.workloads.flatMap((workload) => [
      ...(facts.snapshot === 1 ? workloadRecords(plan, workload) : []),
      ...snapshotRecords(plan, workload, facts),
    ]),
  ]
}

function workloadRecords(plan: BackupPlan, workload: WorkloadPlan): readonly RecordFile[] {
  const folder = workloadFolder(workload.id)
  return [
    file(`${folder}/workload_db`, {
      id: workload.id,
      user_id: workload.userId,
      project_id: workload.projectId,
      display_name: workload.name,
      display_description: `Backs up ${workload.vms.map((vm) => vm.name).join(' and ')}`,
      workload_type_id: uuidFrom(`${plan.seed}/workload type`),
      availability_zone: 'nova',
      jobschedule: "{'enabled': True, 'interval': '24hrs', 'fullbackup_interval': '-1'}",
      host: 'appliance',
      status: 'available',
      deleted: false,
      version: plan.productVersion,
      metadata: [],
    }),
    file(
      `${folder}/workload_vms_db`,
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

function snapshotRecords(plan: BackupPlan, workload: WorkloadPlan, facts: SnapshotFacts): readonly RecordFile[] {
  const snapshotId = snapshotIdOf(plan, workload, facts.snapshot)
  const folder = snapshotFolder({ workloadId: workload.id, snapshotId })
  const type = facts.snapshot === 1 ? 'full' : 'incremental'
  const disks = disksOf(plan).filter((disk) => disk.workload === workload)
  const bytesOf = (disk: PlannedDisk) => facts.fileBytes.get(imagePath(placeOf(plan, disk, facts.snapshot))) ?? 0
  const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0)
  const sizeBytes = sum(disks.map(bytesOf))

  return [
    ...disks.map((disk) => diskRecord(plan, disk, facts.snapshot, bytesOf(disk))),
    file(
      `${folder}/resources_db`,
      disks.map((disk) => ({
        id: placeOf(plan, disk, facts.snapshot).resourceId,
        vm_id: disk.vm.id,
        snapshot_id: snapshotId,
        resource_type: 'disk',
        resource_name: disk.disk.device,
        size: bytesOf(disk),
        snapshot_type: type,
        status: 'available',
        metadata: [
          { key: 'volume_id', value: uuidFrom(`${disk.disk.seed}/volume`) },
          { key: 'volume_name', value: `${disk.vm.name}-${disk.disk.device}` },
        ],
      })),
    ),
    file(
      `${folder}/snapshot_vms_db`,
      workload.vms.map((vm) => ({
        id: uuidFrom(`${snapshotId}/${vm.id}`),
        snapshot_id: snapshotId,
        vm_id: vm.id,
        vm_name: vm.name,
        size: sum(disks.filter((disk) => disk.vm === vm).map(bytesOf)),
        status: 'available',
        metadata: [],
      })),
    ),
    file(`${folder}/snapshot_db`, {
      id: snapshotId,
      workload_id: workload.id,
      user_id: workload.userId,
      project_id: workload.projectId,
      snapshot_type: type,
      display_name: `${workload.name} ${facts.snapshot}`,
      size: sizeBytes,
      restore_size: sum(disks.map((disk) => disk.disk.virtualSizeBytes)),
      uploaded_size: sizeBytes,
      created_at: facts.startedAt.toISOString(),
      finished_at: facts.finishedAt.toISOString(),
      status: 'available',
      data_deleted: false,
      pinned: false,
      time_taken: Math.round((facts.finishedAt.getTime() - facts.startedAt.getTime()) / 1000),
      error_msg: null,
      warning_msg: null,
      metadata: [],
    }),
  ]
}

/** The base name of the parent in the image's header is the backing id here; `vault_url` starts at the mount path. */
function diskRecord(plan: BackupPlan, disk: PlannedDisk, snapshot: number, sizeBytes: number): RecordFile {
  const place = placeOf(plan, disk, snapshot)
  return file(`${diskFolder(place)}/disk_db`, [
    {
      id: place.imageId,
      snapshot_vm_resource_id: place.resourceId,
      vm_disk_resource_snap_backing_id: snapshot === 1 ? null : placeOf(plan, disk, snapshot - 1).imageId,
      vm_disk_resource_snap_child_id: null,
      top: true,
      vault_url: `/${imagePath(place)}`,
      size: sizeBytes,
      restore_size: disk.disk.virtualSizeBytes,
      status: 'available',
      metadata: [{ key: 'disk_format', value: 'qcow2' }],
    },
  ])
}

function file(path: string, record: unknown): RecordFile {
  return { path, content: JSON.stringify(record) }
}
