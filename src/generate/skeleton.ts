import { randomFrom, sampleOf } from '../backup/random.ts'
import { InputError } from '../errors.ts'
import type { Range, TargetShape } from './shape.ts'

/** The numbers of all parts of a target, and their peculiarities: a plan without names and ids. */
export interface Skeleton {
  readonly totals: Totals
  /** The same workloads each time. */
  workloads(): Iterable<WorkloadSkeleton>
}

export interface Totals {
  readonly workloads: number
  readonly vms: number
  readonly disks: number
  readonly snapshots: number
  readonly images: number
}

export interface WorkloadSkeleton {
  /** From 0. */
  readonly nth: number
  readonly isEncrypted: boolean
  readonly vms: readonly (readonly DiskSkeleton[])[]
  readonly snapshots: readonly SnapshotSkeleton[]
}

export interface DiskSkeleton {
  readonly virtualSizeBytes: number
  /** Number of the first snapshot that has this disk, from 1. */
  readonly first: number
  readonly isImageBooted: boolean
}

export interface SnapshotSkeleton {
  /** From 1, without those that retention has removed. */
  readonly nth: number
  readonly isDeleted: boolean
  readonly hasBrokenRecord: boolean
}

/** Returns the number of the oldest kept snapshot. */
function oldestKept({ snapshots, keep = snapshots }: TargetShape): number {
  return snapshots - keep + 1
}

/**
 * Returns the type of a disk's image in a snapshot. `merged` is an incremental one into whose file retention has committed
 * all earlier ones. Undefined if the disk was added later.
 */
export function typeIn(
  shape: TargetShape,
  disk: DiskSkeleton,
  snapshot: number,
): 'full' | 'merged' | 'incremental' | undefined {
  if (snapshot < disk.first) return undefined
  if (snapshot === disk.first || (snapshot - 1) % (shape.fullEvery ?? Number.POSITIVE_INFINITY) === 0) return 'full'
  return snapshot === oldestKept(shape) ? 'merged' : 'incremental'
}

/**
 * Distributes the peculiarities of a shape by its seed.
 * @throws InputError if a shape asks for more of them than the target has parts
 */
export function skeletonOf(shape: TargetShape): Skeleton {
  const counts = { vms: 0, disks: 0, laterDisks: 0 }
  for (const vms of machines(shape)) {
    counts.vms += vms.length
    for (const disks of vms) {
      counts.disks += disks.length
      counts.laterDisks += disks.length - 1
    }
  }
  const kept = shape.snapshots - oldestKept(shape) + 1
  const choose = (name: keyof TargetShape, among: number, what: string): ReadonlySet<number> => {
    const wanted = shape[name] as number
    if (wanted > among) throw new InputError(`${name}: the target has only ${among} ${what}, not ${wanted}`)
    return new Set(sampleOf(wanted, among, `${shape.seed}/${name}`))
  }
  const needed = Array.from({ length: kept - 1 }, (_, nth) => oldestKept(shape) + nth).filter(
    (snapshot) => snapshot % (shape.fullEvery ?? Number.POSITIVE_INFINITY) !== 0,
  )
  const chosen = {
    encrypted: choose('encrypted', shape.workloads, 'workloads'),
    imageBooted: choose('imageBooted', counts.vms, 'VMs'),
    addedDisks: choose('addedDisks', kept < 2 ? 0 : counts.laterDisks, 'disks beside the first of each VM'),
    deleted: choose('deleted', shape.workloads * needed.length, 'snapshots that later ones need'),
    brokenRecords: choose('brokenRecords', shape.workloads * kept, 'snapshots'),
  }

  function* workloads(): Generator<WorkloadSkeleton> {
    const random = randomFrom(`${shape.seed}/disks`)
    const seen = { vms: 0, laterDisks: 0 }
    let nth = 0
    for (const vms of machines(shape)) {
      const workload = nth
      yield {
        nth,
        isEncrypted: chosen.encrypted.has(nth),
        vms: vms.map((disks) => {
          const isImageBooted = chosen.imageBooted.has(seen.vms++)
          return disks.map((virtualSizeBytes, disk) => {
            const isLater = disk > 0 && chosen.addedDisks.has(seen.laterDisks++)
            const first = isLater ? between({ min: oldestKept(shape) + 1, max: shape.snapshots }, random) : 1
            return { virtualSizeBytes, first, isImageBooted: isImageBooted && disk === 0 }
          })
        }),
        snapshots: Array.from({ length: kept }, (_, index) => {
          const snapshot = oldestKept(shape) + index
          const neededAt = needed.indexOf(snapshot)
          return {
            nth: snapshot,
            isDeleted: neededAt !== -1 && chosen.deleted.has(workload * needed.length + neededAt),
            hasBrokenRecord: chosen.brokenRecords.has(workload * kept + index),
          }
        }),
      }
      nth++
    }
  }

  let images = 0
  for (const { vms, snapshots } of workloads())
    for (const disk of vms.flat()) for (const { nth } of snapshots) images += imagesIn(shape, disk, nth)
  if (shape.missing + shape.cutShort > images)
    throw new InputError(
      `missing, cutShort: the target has only ${images} images, not ${shape.missing + shape.cutShort}`,
    )
  return {
    totals: {
      workloads: shape.workloads,
      vms: counts.vms,
      disks: counts.disks,
      snapshots: shape.workloads * kept,
      images,
    },
    workloads,
  }
}

/** True if an image-booted disk has a base in this snapshot: beside its full image, until retention merges them. */
export function hasBase(shape: TargetShape, disk: DiskSkeleton, snapshot: number): boolean {
  return disk.isImageBooted && typeIn(shape, disk, snapshot) === 'full'
}

function imagesIn(shape: TargetShape, disk: DiskSkeleton, snapshot: number): number {
  return (typeIn(shape, disk, snapshot) === undefined ? 0 : 1) + (hasBase(shape, disk, snapshot) ? 1 : 0)
}

/** Yields the sizes of each workload's disks, by VM. */
function* machines(shape: TargetShape): Generator<readonly (readonly number[])[]> {
  const random = randomFrom(`${shape.seed}/machines`)
  for (let nth = 0; nth < shape.workloads; nth++) {
    yield Array.from({ length: between(shape.vms, random) }, () =>
      Array.from({ length: between(shape.disks, random) }, () => wholeMebibytes(between(shape.diskSize, random))),
    )
  }
}

function between({ min, max }: Range, random: () => number): number {
  return min + Math.floor(random() * (max - min + 1))
}

function wholeMebibytes(bytes: number): number {
  return Math.floor(bytes / 2 ** 20) * 2 ** 20
}
