import { sampleOf } from '../backup/random.ts'
import type { RecordedWorkload } from '../backup/records.ts'
import { type ImagePlace, imagePath, keystoneIdFrom, uuidFrom } from '../target/layout.ts'
import { originOfSnapshots, type TargetShape } from './shape.ts'
import { hasBase, type Skeleton, skeletonOf, type Totals, typeIn, type WorkloadSkeleton } from './skeleton.ts'

/** All that a target will hold. It follows from the shape alone. */
export interface TargetPlan {
  readonly totals: Totals
  readonly cloudId: string
  /** The mount paths under which images name their parents. */
  readonly originPaths: readonly string[]
  /** Lazily: a target can be larger than memory. */
  workloads(): Iterable<PlannedWorkload>
}

export interface PlannedWorkload extends RecordedWorkload {
  readonly secret?: PlannedSecret
  /** The oldest first. */
  readonly snapshots: readonly PlannedSnapshot[]
}

/** The secret of an encrypted workload's images. */
export interface PlannedSecret {
  readonly id: string
  readonly payload: string
  /** Its name in the `json:` names of parents. */
  readonly keySecret: string
}

export interface PlannedSnapshot {
  readonly nth: number
  readonly id: string
  readonly name: string
  readonly startedAt: Date
  readonly finishedAt: Date
  readonly isDeleted: boolean
  /** True if only a part of its `snapshot_db` was copied. */
  readonly hasBrokenRecord: boolean
  readonly disks: readonly PlannedDisk[]
}

/** One disk in one snapshot. */
export interface PlannedDisk {
  readonly vm: { readonly id: string; readonly name: string }
  readonly device: string
  /** Identifies the disk. Its content depends on this alone. */
  readonly seed: string
  readonly volumeId: string
  readonly virtualSizeBytes: number
  /** Number of the first snapshot that has this disk, from 1. */
  readonly first: number
  readonly type: 'full' | 'merged' | 'incremental'
  /** The image that a restore reads is the last one. The base of an image-booted disk comes before it. */
  readonly images: readonly PlannedImage[]
}

export interface PlannedImage {
  readonly place: ImagePlace
  readonly path: string
  readonly virtualSizeBytes: number
  readonly parent?: PlannedParent
  /** How much of it has reached this target. */
  readonly arrival: 'whole' | 'missing' | 'cut short'
}

export interface PlannedParent {
  readonly place: ImagePlace
  readonly path: string
  /** As written in the image's header. */
  readonly name: string
}

const dayMs = 86_400_000

/** @throws InputError if the shape asks for more of something than the target has */
export function planTarget(shape: TargetShape): TargetPlan {
  const skeleton = skeletonOf(shape)
  const origins = originOfSnapshots(shape)
  return {
    totals: skeleton.totals,
    cloudId: uuidFrom(`cloud ${shape.seed}`),
    originPaths: origins.all,
    workloads: () => workloads(shape, skeleton),
  }
}

function* workloads(shape: TargetShape, skeleton: Skeleton): Generator<PlannedWorkload> {
  const nextArrival = arrivals(shape, skeleton.totals)
  for (const one of skeleton.workloads()) yield plannedWorkload(shape, one, nextArrival)
}

/** Returns a function that draws the arrival of each image in turn. */
function arrivals({ missing, cutShort, seed }: TargetShape, { images }: Totals): () => PlannedImage['arrival'] {
  const incomplete = sampleOf(Math.min(missing + cutShort, images), images, `${seed}/fates`)
  const [isMissing, isCut] = [new Set(incomplete.slice(0, missing)), new Set(incomplete.slice(missing))]
  let nth = 0
  return () => {
    const image = nth++
    return isMissing.has(image) ? 'missing' : isCut.has(image) ? 'cut short' : 'whole'
  }
}

function plannedWorkload(
  shape: TargetShape,
  one: WorkloadSkeleton,
  nextArrival: () => PlannedImage['arrival'],
): PlannedWorkload {
  const name = `workload-${one.nth + 1}`
  const seed = `${shape.seed}/${name}`
  const id = uuidFrom(seed)
  const secretId = uuidFrom(`${seed}/secret`)
  const secret = { id: secretId, payload: keystoneIdFrom(`${seed}/payload`), keySecret: `secret-${secretId}` }
  const vms = one.vms.map((disks, nth) => ({
    id: uuidFrom(`${seed}/vm ${nth}`),
    name: `${name}-vm-${nth + 1}`,
    disks: disks.map((disk, at) => ({ ...disk, device: deviceName(at), seed: `${seed}/vm ${nth}/${deviceName(at)}` })),
  }))
  const nameIn = originOfSnapshots(shape)

  const disksIn = (snapshot: number, snapshotId: string): PlannedDisk[] =>
    vms.flatMap((vm) =>
      vm.disks.flatMap((disk) => {
        const type = typeIn(shape, disk, snapshot)
        if (type === undefined) return []
        const placeIn = (nth: number, role: 'image' | 'base'): ImagePlace => ({
          workloadId: id,
          snapshotId: nth === snapshot ? snapshotId : uuidFrom(`${seed}/snapshot ${nth}`),
          vmId: vm.id,
          resourceId: uuidFrom(`${disk.seed}/resource ${nth}`),
          device: disk.device,
          imageId: uuidFrom(`${disk.seed}/${role} ${nth}`),
        })
        const imageOf = (place: ImagePlace, parent?: ImagePlace): PlannedImage => ({
          place,
          path: imagePath(place),
          virtualSizeBytes: disk.virtualSizeBytes,
          ...(parent && { parent: parentOf(parent, nameIn.of(snapshot), one.isEncrypted ? secret : undefined) }),
          arrival: nextArrival(),
        })
        const base = hasBase(shape, disk, snapshot) ? imageOf(placeIn(snapshot, 'base')) : undefined
        const previous = type === 'incremental' ? placeIn(snapshot - 1, 'image') : base?.place
        const image = imageOf(placeIn(snapshot, 'image'), previous)
        return [
          {
            vm,
            device: disk.device,
            seed: disk.seed,
            volumeId: uuidFrom(`${disk.seed}/volume`),
            virtualSizeBytes: disk.virtualSizeBytes,
            first: disk.first,
            type,
            images: base === undefined ? [image] : [base, image],
          },
        ]
      }),
    )

  return {
    id,
    name,
    userId: keystoneIdFrom(`${shape.seed}/user ${one.nth % 7}`),
    projectId: keystoneIdFrom(`${shape.seed}/project ${one.nth % 5}`),
    typeId: uuidFrom(`${shape.seed}/workload type`),
    productVersion: shape.upgradeTo ?? shape.version,
    vms,
    share: shape.share,
    ...(one.isEncrypted && { secret, secretId }),
    snapshots: one.snapshots.map(({ nth, isDeleted, hasBrokenRecord }) => {
      const snapshotId = uuidFrom(`${seed}/snapshot ${nth}`)
      const startedAt = new Date(shape.newest.getTime() - (shape.snapshots - nth) * dayMs)
      return {
        nth,
        id: snapshotId,
        name: `${name} ${nth}`,
        startedAt,
        finishedAt: new Date(startedAt.getTime() + 600_000),
        isDeleted,
        hasBrokenRecord,
        disks: disksIn(nth, snapshotId),
      }
    }),
  }
}

function parentOf(place: ImagePlace, mountPath: string, secret: PlannedSecret | undefined): PlannedParent {
  const path = imagePath(place)
  return { place, path, name: parentName(`${mountPath}/${path}`, secret) }
}

/** Returns the name of a parent. That of an encrypted one also names the secret. */
export function parentName(filename: string, secret: PlannedSecret | undefined): string {
  if (secret === undefined) return filename
  const opened = { driver: 'qcow2', 'encrypt.key-secret': secret.keySecret, file: { driver: 'file', filename } }
  return `json:${JSON.stringify(opened)}`
}

/** Returns `vda` to `vdx`: a VM has at most 24 disks. */
function deviceName(nth: number): string {
  return `vd${String.fromCharCode('a'.charCodeAt(0) + nth)}`
}
