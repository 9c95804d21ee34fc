import type { Defect } from './defect.ts'
import type { TreeImage } from './workload-tree.ts'

type SizeDefect = Pick<Defect, 'code' | 'state' | 'why'>

/**
 * Compares an image with the sizes in its record. They prove something only where the records of other images of the
 * workload agree with their files: otherwise they may mean something else.
 */
export function sizeDefect(image: TreeImage): SizeDefect | undefined {
  const { row, recordsAgree } = image
  const { fileBytes, header, isBlank } = image.image
  if (header === undefined) return undefined
  const unknown = (why: string): SizeDefect => ({ code: 'size-mismatch', state: 'unknown', why })
  const { sizeBytes, virtualBytes } = row ?? {}
  // A disk that did not change has such an image; but so has one whose image was replaced.
  if (isBlank && image.parent !== undefined && !(recordsAgree.sizes && sizeBytes !== undefined))
    return unknown('it holds no data, and no record shows that nothing had changed')
  if (recordsAgree.sizes && sizeBytes !== undefined && fileBytes < sizeBytes) {
    const why = `the file has ${fileBytes} bytes, but disk_db records ${sizeBytes}`
    return isBlank ? { code: 'size-mismatch', state: 'broken', why: `${why}, and it holds no data` } : unknown(why)
  }
  if (recordsAgree.virtualSizes && virtualBytes !== undefined && header.virtualBytes !== virtualBytes)
    return unknown(`its disk has ${header.virtualBytes} bytes, but disk_db records ${virtualBytes}`)
  return undefined
}

/** Yields the differences between an image and its records that do not decide about a restore. */
export function* recordDifferences(image: TreeImage): Generator<string> {
  const { row, recordsAgree, parent, resource, disk } = image
  const { fileBytes, header } = image.image
  if (header === undefined) return
  const { sizeBytes = fileBytes, virtualBytes = header.virtualBytes, status } = row ?? {}
  if (status !== undefined) yield `disk_db gives it the status ${status}`
  // Retention merges other images into a file.
  if (fileBytes > sizeBytes || (fileBytes < sizeBytes && !recordsAgree.sizes))
    yield `the file has ${fileBytes} bytes, but disk_db records ${sizeBytes}`
  if (header.virtualBytes !== virtualBytes && !recordsAgree.virtualSizes)
    yield `its disk has ${header.virtualBytes} bytes, but disk_db records ${virtualBytes}`
  // An image-booted disk has a base beside it.
  const name = parent?.name
  const isBeside = name !== undefined && 'path' in name && name.path.startsWith(`${disk.folder}/`)
  if (resource?.type === 'full' && name !== undefined && !isBeside)
    yield 'resources_db records a full backup, but its header names a parent'
}
