import type { Defect } from './defect.ts'
import { isPlace, type TreeImage } from './workload-tree.ts'

type Disagreement = Pick<Defect, 'code' | 'state' | 'why'>

/**
 * Compares the parent in a header with the records: it must be the recorded one, and a state of the same disk. Nothing
 * else reveals a wrong parent: QEMU reads through it without an error.
 */
export function disagreement(child: TreeImage, parent: TreeImage): Disagreement | undefined {
  const mismatch = (state: Disagreement['state'], why: string): Disagreement => ({
    code: 'parent-mismatch',
    state,
    why,
  })
  const recorded = child.recordedParent
  if (recorded !== undefined && recorded !== parent.image.name)
    return mismatch('broken', `its header names the parent ${parent.path}, but disk_db records ${recorded}`)
  if (child.volumeId !== undefined && parent.volumeId !== undefined) {
    if (child.volumeId !== parent.volumeId)
      return mismatch('broken', `its parent ${parent.path} belongs to volume ${parent.volumeId}, not ${child.volumeId}`)
  } else if (child.disk.vmId !== parent.disk.vmId || child.disk.device !== parent.disk.device) {
    return mismatch(
      'broken',
      `its parent ${parent.path} belongs to another VM or device, and no record identifies the disks`,
    )
  }
  const place = parent.row?.vaultUrl
  if (place !== undefined && !isPlace(place, parent.path))
    return mismatch('unknown', `the record of its parent ${parent.path} gives the path ${place}`)
  if ((parent.image.header?.virtualBytes ?? 0) > (child.image.header?.virtualBytes ?? 0))
    return mismatch('unknown', `its parent ${parent.path} is a larger disk`)
  return undefined
}

/** A full image that has a parent in its record: retention may have merged it, or its header was overwritten. */
export function lostParent({ row, parent, image }: TreeImage): Disagreement | undefined {
  if (parent !== undefined || image.header === undefined || row?.backingId === undefined) return undefined
  const why = `disk_db records the parent ${row.backingId}, but its header names none`
  return { code: 'parent-mismatch', state: 'unknown', why }
}
