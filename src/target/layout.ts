import { createHash } from 'node:crypto'

/**
 * The tree on a target, relative to the mount path. From `workload_` to the image as on the vendor's disaster-recovery
 * page; the record files (`…_db`) as in public vendor scripts, including older generations of the product.
 */
export interface ImagePlace {
  readonly workloadId: string
  readonly snapshotId: string
  readonly vmId: string
  /** The id of this disk in this snapshot. */
  readonly resourceId: string
  /** The device label, e.g. `vda`. Its blanks are not part of the path. */
  readonly device: string
  readonly imageId: string
}

export const workloadFolder = (workloadId: string): string => `workload_${workloadId}`

export const snapshotFolder = ({ workloadId, snapshotId }: Pick<ImagePlace, 'workloadId' | 'snapshotId'>): string =>
  `${workloadFolder(workloadId)}/snapshot_${snapshotId}`

/** The folder with `disk_db` and the image of one disk in one snapshot. */
export const diskFolder = (place: Omit<ImagePlace, 'imageId'>): string =>
  `${snapshotFolder(place)}/vm_id_${place.vmId}/vm_res_id_${place.resourceId}_${place.device.replaceAll(' ', '')}`

/** An image has no extension. */
export const imagePath = (place: ImagePlace): string => `${diskFolder(place)}/${place.imageId}`

const uuid = '[\\da-fA-F]{8}-[\\da-fA-F]{4}-[\\da-fA-F]{4}-[\\da-fA-F]{4}-[\\da-fA-F]{12}'
const imagePattern = new RegExp(
  `^workload_(${uuid})/snapshot_(${uuid})/vm_id_(${uuid})/vm_res_id_(${uuid})_([^/]+)/(${uuid})$`,
)

/** Reads a path of `imagePath`. Undefined for anything else in the tree. */
export function parseImagePath(path: string): ImagePlace | undefined {
  const [, workloadId, snapshotId, vmId, resourceId, device, imageId] = imagePattern.exec(path) ?? []
  if (!workloadId || !snapshotId || !vmId || !resourceId || !device || !imageId) return undefined
  return { workloadId, snapshotId, vmId, resourceId, device, imageId }
}

const folderPatterns = {
  workload: new RegExp(`^workload_(${uuid})$`),
  snapshot: new RegExp(`^snapshot_(${uuid})$`),
  vm: new RegExp(`^vm_id_(${uuid})$`),
  /** Ends with the device label. */
  disk: new RegExp(`^vm_res_id_(${uuid})_([^/]+)$`, 's'),
} as const

/** The id in the name of a folder. Undefined for a folder of another kind, and for a copy under another name. */
export function idInFolder(kind: keyof typeof folderPatterns, name: string): string | undefined {
  return folderPatterns[kind].exec(name)?.[1]
}

/** The disk that a folder is named for. Undefined for a folder of another kind. */
export function diskInFolder(name: string): Pick<ImagePlace, 'resourceId' | 'device'> | undefined {
  const [, resourceId, device] = folderPatterns.disk.exec(name) ?? []
  return resourceId === undefined || device === undefined ? undefined : { resourceId, device }
}

/** Returns a dashed uuid (formally version 4) that depends on the seed alone. */
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

/** Returns an id like those of keystone for users and projects: 32 hex digits without dashes. */
export function keystoneIdFrom(seed: string): string {
  return uuidFrom(seed).replaceAll('-', '')
}

/**
 * Splits an absolute name of an image into the mount path under which it was written, and the rest, which starts with
 * `workload_`. Undefined for a name outside of any target.
 */
export function splitImageName(name: string): { readonly mountPath: string; readonly path: string } | undefined {
  // The last occurrence: a base directory may have such a name too.
  const at = name.lastIndexOf('/workload_')
  return at < 1 || !name.startsWith('/') ? undefined : { mountPath: name.slice(0, at), path: name.slice(at + 1) }
}
