import type { DiskRow, FoundDisk } from '../scan/found.ts'
import type { TreeImage } from './workload-tree.ts'

/** What a file in the folder of a disk is: what a restore reads, what that is read through, or nothing that is recorded. */
export type ImageRole = 'disk' | 'base' | 'extra'

export interface DiskFolder {
  readonly roles: ReadonlyMap<TreeImage, ImageRole>
  /** Paths that `disk_db` has and the folder has not, the disk itself first. */
  readonly missing: readonly { readonly path: string; readonly role: ImageRole }[]
  /** It cannot be told which of the images is the disk. */
  readonly isUnclear: boolean
}

/** Tells the images in the folder of one disk of one snapshot apart. */
export function sortDiskFolder(disk: FoundDisk, images: readonly TreeImage[]): DiskFolder {
  const rows = disk.rows?.filter(({ id, vaultUrl }) => id !== undefined || vaultUrl !== undefined) ?? []
  // Without rows nothing is known to be too much.
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

/** By its mark; without one, what nothing else in the folder is read through. */
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
