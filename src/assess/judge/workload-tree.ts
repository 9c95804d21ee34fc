import type { DiskRow, FoundDisk, FoundImage, FoundSnapshot, FoundWorkload, Oddity } from '../scan/found.ts'
import { type NamedParent, parentOf } from './parent-name.ts'
import type { FindingCode } from './target-finding.ts'

/** An image, and everything that is known of it. */
export interface TreeImage {
  readonly workloadId: string
  readonly target: number
  /** From the mount path. */
  readonly path: string
  readonly snapshot: FoundSnapshot
  readonly disk: FoundDisk
  readonly image: FoundImage
  /** Its row in `disk_db`. */
  readonly row?: DiskRow
  /** What its record says its parent is: an id, or that there is none. Left out: nothing. */
  readonly recordedParent?: string | 'none'
  /** Of the disk that it is a state of. */
  readonly volumeId?: string
  /** What the workload's record says opens its images. */
  readonly secretId?: string
  readonly parent?: NamedParent
}

/** Why something that is not among the images may be there all the same, or is there and is no image. */
export interface Gap {
  readonly code: FindingCode
  readonly why: string
}

/** All images of some workloads by their places, and what of the tree was not seen. */
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

  /** The images at a place, by target. */
  at(path: string): readonly TreeImage[] {
    return this.#byPath.get(path) ?? []
  }

  /** Why there is no image at a place, other than that there is none. */
  gapAt(path: string): Gap | undefined {
    for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) {
      const gap = this.#gaps.get(path.slice(0, end))
      if (gap !== undefined) return gap
    }
    return undefined
  }

  #unread(path: string, why: string | undefined): void {
    if (why !== undefined) this.#gaps.set(path, { code: 'unreadable', why: `${path} could not be read: ${why}` })
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
  // Records that never name a parent say nothing by not naming one.
  const none = rows.some(({ backingId }) => backingId !== undefined) ? 'none' : undefined
  return parts.flatMap(({ target, record, snapshots }) =>
    snapshots.flatMap((snapshot) => {
      const volumes = new Map(snapshot.resources?.map(({ resourceId, volumeId }) => [resourceId, volumeId]))
      return snapshot.disks.flatMap((disk) =>
        disk.images.map((image): TreeImage => {
          const path = `${disk.folder}/${image.name}`
          const row = rowOf(path, image.name, disk.rows)
          const recordedParent = row && (row.backingId ?? none)
          const volumeId = volumes.get(disk.resourceId)
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
          }
        }),
      )
    }),
  )
}

function rowOf(path: string, name: string, rows: readonly DiskRow[] = []): DiskRow | undefined {
  return rows.find(({ vaultUrl }) => isPlace(vaultUrl, path)) ?? rows.find(({ id }) => id === name)
}

/** Whether a record's `vault_url` is this place. */
export function isPlace(vaultUrl: string | undefined, path: string): boolean {
  return vaultUrl?.replace(/^\/+/, '') === path
}
