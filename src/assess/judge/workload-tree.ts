import type {
  DiskResource,
  DiskRow,
  FoundDisk,
  FoundImage,
  FoundSnapshot,
  FoundWorkload,
  Oddity,
} from '../scan/found.ts'
import { type NamedParent, parentOf } from './parent-name.ts'
import { agreement, type RecordedFile } from './size-agreement.ts'
import type { FindingCode } from './target-finding.ts'

/** An image with everything that is known about it. */
export interface TreeImage {
  readonly workloadId: string
  readonly target: number
  /** Below the mount path. */
  readonly path: string
  readonly snapshot: FoundSnapshot
  readonly disk: FoundDisk
  readonly image: FoundImage
  /** Its row in `disk_db`. */
  readonly row?: DiskRow
  /** The id of its parent in its record, or `none`. Undefined if the records name no parents. */
  readonly recordedParent?: string | 'none'
  /** The volume that it is a state of. */
  readonly volumeId?: string
  /** The secret in the workload's record. */
  readonly secretId?: string
  readonly parent?: NamedParent
  /** Its disk in `resources_db`. */
  readonly resource?: DiskResource
  /** Which sizes in the records of its workload are those of files and disks. */
  readonly recordsAgree: { readonly sizes: boolean; readonly virtualSizes: boolean }
}

/** Why a place may hold an image although none was found, or holds something else. */
export interface Gap {
  readonly code: FindingCode
  readonly why: string
}

/** All images of some workloads by their paths, with the parts of the tree that were not read. */
export class WorkloadTree {
  readonly images: readonly TreeImage[]
  readonly workloadIds: ReadonlySet<string>
  readonly vmIds: ReadonlySet<string>
  readonly #byPath: ReadonlyMap<string, readonly TreeImage[]>
  readonly #gaps = new Map<string, Gap>()

  constructor(workloads: readonly FoundWorkload[]) {
    this.images = workloads.flatMap(imagesOf)
    this.workloadIds = new Set(workloads.map(({ workloadId }) => workloadId))
    this.vmIds = new Set(this.images.map(({ disk }) => disk.vmId))
    this.#byPath = Map.groupBy(this.images, ({ path }) => path)
    for (const { workloadId, parts } of workloads)
      for (const part of parts) {
        const folder = `workload_${workloadId}`
        this.#unread(folder, part.unread)
        this.#odd(part.oddities)
        for (const snapshot of part.snapshots) {
          this.#unread(`${folder}/snapshot_${snapshot.snapshotId}`, snapshot.unread)
          this.#odd(snapshot.oddities)
          for (const disk of snapshot.disks) this.#unread(disk.folder, disk.unread)
        }
      }
  }

  /** The images at a path, one per target. */
  at(path: string): readonly TreeImage[] {
    return this.#byPath.get(path) ?? []
  }

  /** Why no image was found at a path. Undefined if the path was read, and holds none. */
  gapAt(path: string): Gap | undefined {
    for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) {
      const gap = this.#gaps.get(path.slice(0, end))
      if (gap !== undefined) return gap
    }
    return undefined
  }

  #unread(path: string, why: string | undefined): void {
    if (why !== undefined) this.#gaps.set(path, { code: 'unreadable', why: `${path} cannot be read: ${why}` })
  }

  #odd(oddities: readonly Oddity[]): void {
    for (const { kind, path, message } of oddities)
      this.#gaps.set(path, {
        code: kind === 'unreadable' ? 'unreadable' : kind,
        why: `${path}: ${message ?? kind}`,
      })
  }
}

function imagesOf({ workloadId, parts }: FoundWorkload): TreeImage[] {
  const rows = parts.flatMap(({ snapshots }) =>
    snapshots.flatMap(({ disks }) => disks.flatMap((disk) => disk.rows ?? [])),
  )
  // If no record names a parent, a record without one proves nothing.
  const none = rows.some(({ backingId }) => backingId !== undefined) ? 'none' : undefined
  const recordsAgree = agreement(
    parts.flatMap(({ snapshots }) => snapshots.flatMap(({ disks }) => disks.flatMap(rowsOf))),
  )
  return parts.flatMap(({ target, record, snapshots }) =>
    snapshots.flatMap((snapshot) => {
      const resources = new Map(snapshot.resources?.map((resource) => [resource.resourceId, resource]))
      return snapshot.disks.flatMap((disk) =>
        disk.images.map((image): TreeImage => {
          const path = `${disk.folder}/${image.name}`
          const row = rowOf(path, image.name, disk.rows)
          const recordedParent = row && (row.backingId ?? none)
          const resource = resources.get(disk.resourceId)
          const volumeId = resource?.volumeId
          const parent = image.header && parentOf(path, image.header)
          return {
            workloadId,
            target,
            path,
            snapshot,
            disk,
            image,
            ...(row && { row }),
            ...(recordedParent !== undefined && { recordedParent }),
            ...(volumeId !== undefined && { volumeId }),
            ...(record?.secretId !== undefined && { secretId: record.secretId }),
            ...(parent && { parent }),
            ...(resource && { resource }),
            recordsAgree,
          }
        }),
      )
    }),
  )
}

/** The images in a folder, with their rows of its record. */
function rowsOf(disk: FoundDisk): readonly RecordedFile[] {
  return disk.images.map((image) => {
    const row = rowOf(`${disk.folder}/${image.name}`, image.name, disk.rows)
    return { image, ...(row && { row }) }
  })
}

function rowOf(path: string, name: string, rows: readonly DiskRow[] = []): DiskRow | undefined {
  return rows.find(({ vaultUrl }) => isPlace(vaultUrl, path)) ?? rows.find(({ id }) => id === name)
}

/** True if a record's `vault_url` is this path. */
export function isPlace(vaultUrl: string | undefined, path: string): boolean {
  return vaultUrl?.replace(/^\/+/, '') === path
}
