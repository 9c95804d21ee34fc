import { createHash } from 'node:crypto'

/**
 * The tree on a target, relative to the mount path. From `workload_` to the image as the vendor's disaster-recovery
 * page shows it; the record files (`…_db`) from public vendor scripts, older generations of the product included.
 */
export interface ImagePlace {
  readonly workloadId: string
  readonly snapshotId: string
  readonly vmId: string
  /** Of this disk in this snapshot. */
  readonly resourceId: string
  /** Device label, e.g. `vda`; its spaces are not part of the path. */
  readonly device: string
  readonly imageId: string
}

export const workloadFolder = (workloadId: string): string => `workload_${workloadId}`

export const snapshotFolder = ({ workloadId, snapshotId }: Pick<ImagePlace, 'workloadId' | 'snapshotId'>): string =>
  `${workloadFolder(workloadId)}/snapshot_${snapshotId}`

/** Where `disk_db` and the image of one disk in one snapshot are. */
export const diskFolder = (place: Omit<ImagePlace, 'imageId'>): string =>
  `${snapshotFolder(place)}/vm_id_${place.vmId}/vm_res_id_${place.resourceId}_${place.device.replaceAll(' ', '')}`

/** The image has no extension. */
export const imagePath = (place: ImagePlace): string => `${diskFolder(place)}/${place.imageId}`

const uuid = '[\\da-f]{8}-[\\da-f]{4}-[\\da-f]{4}-[\\da-f]{4}-[\\da-f]{12}'
const imagePattern = new RegExp(
  `^workload_(${uuid})/snapshot_(${uuid})/vm_id_(${uuid})/vm_res_id_(${uuid})_([^/]+)/(${uuid})$`,
  'i',
)

/** What `imagePath` made, read back. Undefined for anything else in the tree. */
export function parseImagePath(path: string): ImagePlace | undefined {
  const [, workloadId, snapshotId, vmId, resourceId, device, imageId] = imagePattern.exec(path) ?? []
  if (!workloadId || !snapshotId || !vmId || !resourceId || !device || !imageId) return undefined
  return { workloadId, snapshotId, vmId, resourceId, device, imageId }
}

const folderPatterns = {
  workload: new RegExp(`^workload_(${uuid})$`, 'i'),
  snapshot: new RegExp(`^snapshot_(${uuid})$`, 'i'),
  vm: new RegExp(`^vm_id_(${uuid})$`, 'i'),
  /** With the device label behind it. */
  disk: new RegExp(`^vm_res_id_(${uuid})_([^/]+)$`, 'i'),
} as const

/** The id in the name of a folder, if it is one of that kind. */
export function idInFolder(kind: keyof typeof folderPatterns, name: string): string | undefined {
  return folderPatterns[kind].exec(name)?.[1]
}

/** A dashed uuid (version 4 by its looks) that depends on nothing but the seed. */
export function uuidFrom(seed: string): string {
  const hex = createHash('sha256').update(seed).digest('hex')
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 3) | 8).toString(16)
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    variant + hex.slice(17, 20),
    hex.slice(20, 32),
  ].join('-')
}

/** An id as keystone makes them for users and projects: 32 hex digits without dashes. */
export function keystoneIdFrom(seed: string): string {
  return uuidFrom(seed).replaceAll('-', '')
}

/**
 * Takes an absolute name of an image apart: the mount path that it was written under, and the rest, which starts with
 * `workload_`. Undefined for a name that is not in a target's tree.
 */
export function splitImageName(name: string): { readonly mountPath: string; readonly path: string } | undefined {
  // The last one: a base directory may be called like that too.
  const at = name.lastIndexOf('/workload_')
  return at < 1 || !name.startsWith('/') ? undefined : { mountPath: name.slice(0, at), path: name.slice(at + 1) }
}
