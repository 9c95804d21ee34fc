import { imagePath, uuidFrom } from '../target/layout.ts'
import { type BackupPlan, type DiskInPlan, disksOf, placeOf, snapshotIdOf, type WorkloadPlan } from './backup-plan.ts'
import {
  type RecordedDisk,
  type RecordedWorkload,
  type RecordFile,
  settingsRecord,
  snapshotRecords,
  workloadRecords,
} from './records.ts'

export interface TakenSnapshot {
  /** 1 for the first one. */
  readonly snapshot: number
  readonly startedAt: Date
  readonly finishedAt: Date
  /** Length of an image's file, by its path. */
  readonly fileBytes: ReadonlyMap<string, number>
  /** Of the content, likewise. */
  readonly digests: ReadonlyMap<string, string>
}

/** Of one snapshot of every workload; with the first one those of the workloads and the cloud's settings as well. */
export function recordFiles(plan: BackupPlan, facts: TakenSnapshot): readonly RecordFile[] {
  const isFirst = facts.snapshot === 1
  return [
    ...(isFirst ? [settingsRecord(plan.cloudId)] : []),
    ...plan.workloads.flatMap((workload) => {
      const recorded = recordedWorkload(plan, workload)
      const disks = disksOf(plan).filter((disk) => disk.workload === workload)
      const snapshot = {
        id: snapshotIdOf(plan, workload, facts.snapshot),
        name: `${workload.name} ${facts.snapshot}`,
        startedAt: facts.startedAt,
        finishedAt: facts.finishedAt,
        disks: disks.map((disk) => recordedDisk(plan, disk, facts)),
      }
      return [...(isFirst ? workloadRecords(recorded) : []), ...snapshotRecords(recorded, snapshot)]
    }),
  ]
}

function recordedWorkload(plan: BackupPlan, workload: WorkloadPlan): RecordedWorkload {
  return { ...workload, typeId: uuidFrom(`${plan.seed}/workload type`), productVersion: plan.productVersion }
}

function recordedDisk(
  plan: BackupPlan,
  planned: DiskInPlan,
  { snapshot, fileBytes, digests }: TakenSnapshot,
): RecordedDisk {
  const place = placeOf(plan, planned, snapshot)
  const { virtualSizeBytes, seed } = planned.disk
  const digest = digests.get(imagePath(place))
  const image = { place, sizeBytes: fileBytes.get(imagePath(place)) ?? 0, virtualSizeBytes, ...(digest && { digest }) }
  const parent = snapshot === 1 ? {} : { backingId: placeOf(plan, planned, snapshot - 1).imageId }
  return {
    vm: planned.vm,
    type: snapshot === 1 ? 'full' : 'incremental',
    volumeId: uuidFrom(`${seed}/volume`),
    virtualSizeBytes,
    images: [{ ...image, ...parent }],
  }
}
