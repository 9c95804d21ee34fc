import { type RecordFile, snapshotRecords, workloadRecords } from '../backup/records.ts'
import { type LuksHeader, luksHeader } from '../image/luks-header.ts'
import { type SparseImage, sparseImage } from '../image/sparse-image.ts'
import { networkRecords } from './networks.ts'
import type { PlannedImage, PlannedSnapshot, PlannedWorkload } from './plan.ts'
import type { Tree } from './tree.ts'

/** Writes a workload without data: each image says all about itself, and holds nothing. Yields after each image. */
export function* writeMetadata(tree: Tree, workload: PlannedWorkload, hasNetworks: boolean): Generator<void> {
  const { secret } = workload
  const luks = secret && luksHeader(secret.payload, secret.id)
  for (const record of workloadRecords(workload)) tree.write(record.path, record.content)
  for (const snapshot of workload.snapshots) {
    const fileBytes = new Map<PlannedImage, number>()
    for (const [nth, image] of snapshot.disks.flatMap((disk) => disk.images).entries()) {
      const whole = imageOf(image, luks)
      fileBytes.set(image, whole.fileBytes)
      if (image.fate === 'whole') tree.writeImage(image.path, whole)
      if (image.fate === 'cut short')
        tree.writeImage(image.path, imageOf(image, luks, nth % 3 === 2 ? 'header' : 'data'))
      yield
    }
    const records = recordsOf(workload, snapshot, (image) => fileBytes.get(image) ?? 0)
    for (const record of records) tree.write(record.path, record.content)
    if (hasNetworks) for (const record of networkRecords(workload, snapshot)) tree.write(record.path, record.content)
  }
}

/** The records of one snapshot, as they have arrived on the target. */
function recordsOf(
  workload: PlannedWorkload,
  snapshot: PlannedSnapshot,
  sizeOf: (image: PlannedImage) => number,
): readonly RecordFile[] {
  const records = snapshotRecords(workload, {
    ...snapshot,
    disks: snapshot.disks.map((disk) => ({
      ...disk,
      type: disk.type === 'incremental' ? 'incremental' : 'full',
      images: disk.images.map((image) => ({
        place: image.place,
        ...(image.parent && { backingId: image.parent.place.imageId }),
        sizeBytes: sizeOf(image),
        virtualSizeBytes: image.virtualSizeBytes,
      })),
    })),
  })
  if (!snapshot.hasBrokenRecord) return records
  return records.map((record) =>
    record.path.endsWith('/snapshot_db') ? { ...record, content: record.content.slice(0, -20) } : record,
  )
}

function imageOf(image: PlannedImage, luks: LuksHeader | undefined, cut?: 'header' | 'data'): SparseImage {
  return sparseImage({
    virtualSizeBytes: image.virtualSizeBytes,
    ...(image.parent && { backingName: image.parent.name }),
    ...(luks && { luks }),
    ...(cut && { cut }),
  })
}
