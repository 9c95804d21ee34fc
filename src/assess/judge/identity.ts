import type { Defect } from './defect.ts'
import { isPlace, type TreeImage } from './workload-tree.ts'

type Disagreement = Pick<Defect, 'code' | 'state' | 'why'>

/**
 * Whether what the header names as parent is what the records say it is, and a state of the same disk. Nothing else
 * tells a wrong parent from the right one: QEMU reads through either without an error.
 */
export function disagreement(child: TreeImage, parent: TreeImage): Disagreement | undefined {
  const mismatch = (state: Disagreement['state'], why: string): Disagreement => ({
    code: 'parent-mismatch',
    state,
    why,
  })
  const recorded = child.recordedParent
  if (recorded !== undefined && recorded !== parent.image.name)
    return mismatch('broken', `the header names ${parent.path} as parent, and disk_db ${recorded}`)
  if (child.volumeId !== undefined && parent.volumeId !== undefined) {
    if (child.volumeId !== parent.volumeId)
      return mismatch('broken', `its parent ${parent.path} is of volume ${parent.volumeId}, not ${child.volumeId}`)
  } else if (child.disk.vmId !== parent.disk.vmId || child.disk.device !== parent.disk.device) {
    return mismatch(
      'broken',
      `its parent ${parent.path} is of another VM or device, and no record says it is the same disk`,
    )
  }
  const place = parent.row?.vaultUrl
  if (place !== undefined && !isPlace(place, parent.path))
    return mismatch('unknown', `the record of its parent ${parent.path} has the place ${place}`)
  if ((parent.image.header?.virtualBytes ?? 0) > (child.image.header?.virtualBytes ?? 0))
    return mismatch('unknown', `its parent ${parent.path} is a larger disk than it is itself`)
  return undefined
}

/** An image without a parent whose record has one: retention may have merged it, or its beginning was cut off. */
export function lostParent({ row, parent, image }: TreeImage): Disagreement | undefined {
  if (parent !== undefined || image.header === undefined || row?.backingId === undefined) return undefined
  const why = `disk_db says that its parent is ${row.backingId}, and its header names none`
  return { code: 'parent-mismatch', state: 'unknown', why }
}
