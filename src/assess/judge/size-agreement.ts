import type { DiskRow, FoundImage } from '../scan/found.ts'

/** An image with its row of `disk_db`. */
export interface RecordedFile {
  readonly image: FoundImage
  readonly row?: DiskRow
}

/** True if the records of a workload are about what can be seen of the files, shown by an image that agrees. */
export function agreement(images: readonly RecordedFile[]): {
  readonly sizes: boolean
  readonly virtualSizes: boolean
} {
  return {
    sizes: images.some(({ row, image }) => row?.sizeBytes !== undefined && row.sizeBytes === image.fileBytes),
    virtualSizes: images.some(
      ({ row, image }) => row?.virtualBytes !== undefined && row.virtualBytes === image.header?.virtualBytes,
    ),
  }
}
