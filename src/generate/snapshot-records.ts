import { type RecordedImage, type RecordFile, snapshotRecords } from '../backup/records.ts'
import { networkRecords, withNetworkResources } from './network-records.ts'
import type { PlannedImage, PlannedSnapshot, PlannedWorkload } from './target-plan.ts'

/** Returns the records of one snapshot as they arrived on the target. */
export function recordsOf(
  workload: PlannedWorkload,
  snapshot: PlannedSnapshot,
  factsOf: (image: PlannedImage) => Pick<RecordedImage, 'sizeBytes' | 'digest'>,
  hasNetworks: boolean,
): readonly RecordFile[] {
  const records = snapshotRecords(workload, {
    ...snapshot,
    disks: snapshot.disks.map((disk) => ({
      ...disk,
      type: disk.type === 'incremental' ? 'incremental' : 'full',
      images: disk.images.map((image) => ({
        place: image.place,
        ...(image.parent && { backingId: image.parent.place.imageId }),
        ...factsOf(image),
        virtualSizeBytes: image.virtualSizeBytes,
      })),
    })),
  })
  const arrived = snapshot.hasBrokenRecord ? records.map(cutSnapshotRecord) : records
  if (!hasNetworks) return arrived
  return [...networkRecords(workload, snapshot), ...withNetworkResources(arrived, workload, snapshot)]
}

function cutSnapshotRecord(record: RecordFile): RecordFile {
  return record.path.endsWith('/snapshot_db') ? { ...record, content: record.content.slice(0, -20) } : record
}
