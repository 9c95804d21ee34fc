import { workloadRecords } from '../backup/records.ts'
import { type LuksHeader, luksHeader } from '../image/luks-header.ts'
import { type SparseImage, sparseImage } from '../image/sparse-image.ts'
import { recordsOf } from './snapshot-records.ts'
import type { PlannedImage, PlannedWorkload } from './target-plan.ts'
import type { TreeWriter } from './tree-writer.ts'

/** Writes a workload whose images have all their metadata and no data. Yields the number of images after each. */
export function* writeMetadata(tree: TreeWriter, workload: PlannedWorkload, hasNetworks: boolean): Generator<number> {
  const { secret } = workload
  const luks = secret && luksHeader(secret.payload, secret.id)
  for (const record of workloadRecords(workload)) tree.write(record.path, record.content)
  for (const snapshot of workload.snapshots) {
    const fileBytes = new Map<PlannedImage, number>()
    for (const [nth, image] of snapshot.disks.flatMap((disk) => disk.images).entries()) {
      const whole = imageOf(image, luks)
      fileBytes.set(image, whole.fileBytes)
      if (image.arrival === 'whole') tree.writeImage(image.path, whole, snapshot.finishedAt)
      if (image.arrival === 'cut short')
        tree.writeImage(image.path, imageOf(image, luks, nth % 3 === 2 ? 'header' : 'data'), snapshot.finishedAt)
      yield 1
    }
    const records = recordsOf(workload, snapshot, (image) => ({ sizeBytes: fileBytes.get(image) ?? 0 }), hasNetworks)
    for (const record of records) tree.write(record.path, record.content)
  }
}

function imageOf(image: PlannedImage, luks: LuksHeader | undefined, cut?: 'header' | 'data'): SparseImage {
  return sparseImage({
    virtualSizeBytes: image.virtualSizeBytes,
    ...(image.parent && { backingName: image.parent.name }),
    ...(luks && { luks }),
    ...(cut && { cut }),
  })
}
