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

/** A snapshot that was taken, with the facts of its images. */
export interface TakenSnapshot {
  /** 1 for the first one. */
  readonly snapshot: number
  readonly startedAt: Date
  readonly finishedAt: Date
  /** Lengths of image files, by their paths. */
  readonly fileBytes: ReadonlyMap<string, number>
  /** Content digests, by the paths of images. */
  readonly digests: ReadonlyMap<string, string>
  /** The share, as the records name it. Undefined if they do not. */
  readonly share?: string
}

/**
 * Returns the records of one snapshot of every workload. With the first one come those of the workloads and the cloud's
 * settings.
 */
export function recordFiles(plan: BackupPlan, taken: TakenSnapshot): readonly RecordFile[] {
  const isFirst = taken.snapshot === 1
  return [
    ...(isFirst ? [settingsRecord(plan.cloudId)] : []),
    ...plan.workloads.flatMap((workload) => {
      const recorded = recordedWorkload(plan, workload, taken)
      const disks = disksOf(plan).filter((disk) => disk.workload === workload)
      const snapshot = {
        id: snapshotIdOf(plan, workload, taken.snapshot),
        name: `${workload.name} ${taken.snapshot}`,
        startedAt: taken.startedAt,
        finishedAt: taken.finishedAt,
        disks: disks.map((disk) => recordedDisk(plan, disk, taken)),
      }
      return [...(isFirst ? workloadRecords(recorded) : []), ...snapshotRecords(recorded, snapshot)]
    }),
  ]
}

function recordedWorkload(plan: BackupPlan, workload: WorkloadPlan, { share }: TakenSnapshot): RecordedWorkload {
  const { seed, productVersion } = plan
  return {
    ...workload,
    typeId: uuidFrom(`${seed}/workload type`),
    productVersion,
    ...(share !== undefined && { share }),
  }
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
