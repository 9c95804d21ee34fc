import { sampleOf } from '../backup/random.ts'
import type { RecordedWorkload } from '../backup/records.ts'
import { type ImagePlace, imagePath, keystoneIdFrom, uuidFrom } from '../target/layout.ts'
import { originOfSnapshots, type TargetShape } from './shape.ts'
import { hasBase, type Skeleton, skeletonOf, type Totals, typeIn, type WorkloadSkeleton } from './skeleton.ts'

/** A target to be: all of it follows from its shape. */
export interface TargetPlan {
  readonly totals: Totals
  readonly cloudId: string
  /** The mount paths that the names of parents begin with. */
  readonly originPaths: readonly string[]
  /** One after another: a target may be larger than memory. */
  workloads(): Iterable<PlannedWorkload>
}

export interface PlannedWorkload extends RecordedWorkload {
  readonly secret?: PlannedSecret
  /** The oldest first. */
  readonly snapshots: readonly PlannedSnapshot[]
}

/** What opens the images of an encrypted workload. */
export interface PlannedSecret {
  readonly id: string
  readonly payload: string
  /** What the names of parents call it. */
  readonly keySecret: string
}

export interface PlannedSnapshot {
  readonly nth: number
  readonly id: string
  readonly name: string
  readonly startedAt: Date
  readonly finishedAt: Date
  readonly isDeleted: boolean
  /** Its `snapshot_db` was not copied whole. */
  readonly hasBrokenRecord: boolean
  readonly disks: readonly PlannedDisk[]
}

/** One disk in one snapshot. */
export interface PlannedDisk {
  readonly vm: { readonly id: string; readonly name: string }
  readonly device: string
  /** Identifies the disk; its content depends on this alone. */
  readonly seed: string
  readonly volumeId: string
  readonly virtualSizeBytes: number
  /** Number of the first snapshot that it is in, from 1. */
  readonly first: number
  readonly type: 'full' | 'merged' | 'incremental'
  /** The one that a restore reads comes last; before it, of an image-booted disk, its base. */
  readonly images: readonly PlannedImage[]
}

export interface PlannedImage {
  readonly place: ImagePlace
  readonly path: string
  readonly virtualSizeBytes: number
  readonly parent?: PlannedParent
  /** What has become of it on its way to this target. */
  readonly fate: 'whole' | 'missing' | 'cut short'
}

export interface PlannedParent {
  readonly place: ImagePlace
  readonly path: string
  /** As it is written into the image. */
  readonly name: string
}

const dayMs = 86_400_000

/** @throws InputError if the shape asks for more of something than there is */
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
  const fate = fates(shape, skeleton.totals)
  for (const one of skeleton.workloads()) yield plannedWorkload(shape, one, fate)
}

/** What becomes of one image after another. */
function fates({ missing, cutShort, seed }: TargetShape, { images }: Totals): () => PlannedImage['fate'] {
  const unlucky = sampleOf(Math.min(missing + cutShort, images), images, `${seed}/fates`)
  const [isMissing, isCut] = [new Set(unlucky.slice(0, missing)), new Set(unlucky.slice(missing))]
  let nth = 0
  return () => {
    const image = nth++
    return isMissing.has(image) ? 'missing' : isCut.has(image) ? 'cut short' : 'whole'
  }
}

function plannedWorkload(shape: TargetShape, one: WorkloadSkeleton, fate: () => PlannedImage['fate']): PlannedWorkload {
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
          fate: fate(),
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

/** How an image names its parent; an encrypted one also names the secret. */
export function parentName(filename: string, secret: PlannedSecret | undefined): string {
  if (secret === undefined) return filename
  const opened = { driver: 'qcow2', 'encrypt.key-secret': secret.keySecret, file: { driver: 'file', filename } }
  return `json:${JSON.stringify(opened)}`
}

/** `vda` to `vdx`: a VM has 24 disks at most. */
function deviceName(nth: number): string {
  return `vd${String.fromCharCode('a'.charCodeAt(0) + nth)}`
}
