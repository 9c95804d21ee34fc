import type { DiskRow, FoundDisk } from '../scan/found.ts'
import type { TreeImage } from './workload-tree.ts'

/** The role of a file in the folder of a disk: the image that a restore reads, one that it reads through, or unrecorded. */
export type ImageRole = 'disk' | 'base' | 'extra'

export interface DiskFolder {
  readonly roles: ReadonlyMap<TreeImage, ImageRole>
  /** Images that `disk_db` lists and the folder lacks, the disk itself first. */
  readonly missing: readonly { readonly path: string; readonly role: ImageRole }[]
  /** True if nothing states which image is the disk. */
  readonly isUnclear: boolean
}

/** Determines the roles of the images in the folder of one disk of one snapshot. */
export function sortDiskFolder(disk: FoundDisk, images: readonly TreeImage[]): DiskFolder {
  const rows = disk.rows?.filter(({ id, vaultUrl }) => id !== undefined || vaultUrl !== undefined) ?? []
  // Without rows, no image counts as unrecorded.
  const recorded = rows.length === 0 ? images : images.filter(({ row }) => row !== undefined)
  const found = new Set(recorded.map(({ row }) => row))
  const missingRows = rows.filter((row) => !found.has(row))
  const top = topOf(recorded, rows, missingRows)
  const roles = new Map(images.map((image) => [image, 'extra' as ImageRole]))
  const isUnclear = top === 'unclear'
  for (const image of recorded) roles.set(image, isUnclear || image === top ? 'disk' : 'base')
  const missing = missingRows.map((row) => ({
    path: row.vaultUrl?.replace(/^\/+/, '') ?? `${disk.folder}/${row.id}`,
    role: row === top ? ('disk' as const) : ('base' as const),
  }))
  return {
    roles,
    missing: missing.toSorted((a, b) => Number(b.role === 'disk') - Number(a.role === 'disk')),
    isUnclear,
  }
}

/** The image that is marked as top; without a mark, the one that no other image in the folder reads through. */
function topOf(
  images: readonly TreeImage[],
  rows: readonly DiskRow[],
  missing: readonly DiskRow[],
): TreeImage | DiskRow | undefined | 'unclear' {
  const all = [...images, ...missing]
  const only = all[0]
  if (all.length <= 1) return only
  const marked = rows.filter(({ isTop }) => isTop)
  const [mark] = marked
  if (mark !== undefined && marked.length === 1) return images.find(({ row }) => row === mark) ?? mark
  if (marked.length > 1 || missing.length > 0) return 'unclear'
  const parents = new Set(images.map(({ parent }) => (parent && 'path' in parent.name ? parent.name.path : undefined)))
  const tops = images.filter(({ path }) => !parents.has(path))
  return tops.length === 1 ? tops[0] : 'unclear'
}
