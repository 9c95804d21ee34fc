import type { DiskPlan } from './backup-plan.ts'
import { randomFrom } from './random.ts'

/** A change of a running machine's disk. Offsets and lengths are multiples of 512. */
export type Change = { readonly offset: number; readonly lengthBytes: number } & (
  | { readonly kind: 'data'; readonly seed: string }
  | { readonly kind: 'zero' }
  | { readonly kind: 'discard' }
)

const sector = 512
const mebibyte = 2 ** 20
const firstBytes = 18 * mebibyte

/**
 * Returns the changes of a disk before a snapshot, in order. Before the first one, some regions are filled, with the first
 * and the last bytes among them. Before each later one, regions are rewritten, new ones are filled, and parts of old ones
 * are zeroed and discarded, on odd boundaries. A pure function of the disk's seed.
 */
export function changesBefore(snapshot: number, disk: DiskPlan): readonly Change[] {
  const written: Region[] = []
  let changes: Change[] = []
  for (let n = 1; n <= snapshot; n++) changes = changesOf(n, disk, written)
  return changes
}

interface Region {
  readonly offset: number
  readonly lengthBytes: number
}

/** Adds the regions that it fills to `written`. */
function changesOf(snapshot: number, disk: DiskPlan, written: Region[]): Change[] {
  const random = randomFrom(`${disk.seed}/${snapshot}`)
  const changes: Change[] = []
  const fill = (region: Region) =>
    changes.push({ ...region, kind: 'data', seed: `${disk.seed}/${snapshot}/${changes.length}` })
  const grow = () => {
    const region = freshRegion(disk, written, random)
    written.push(region)
    fill(region)
    return region.lengthBytes
  }

  if (snapshot === 1) {
    const tail = 3 * 64 * 1024 + sector
    written.push({ offset: 0, lengthBytes: mebibyte }, { offset: disk.virtualSizeBytes - tail, lengthBytes: tail })
    for (const region of written) fill(region)
    for (let bytes = mebibyte + tail; bytes < firstBytes; ) bytes += grow()
    return changes
  }
  const old = [...written]
  const take = () => old.splice(Math.floor(random() * old.length), 1)[0] ?? { offset: 0, lengthBytes: mebibyte }
  for (let i = 0; i < 6; i++) fill(partOf(take(), random))
  for (let i = 0; i < 2; i++) grow()
  for (let i = 0; i < 2; i++) changes.push({ ...partOf(take(), random), kind: 'zero' })
  for (let i = 0; i < 2; i++) changes.push({ ...partOf(take(), random), kind: 'discard' })
  return changes
}

/** Chooses 512 KiB to 1 MiB in an unwritten mebibyte of the disk. */
function freshRegion(disk: DiskPlan, written: readonly Region[], random: () => number): Region {
  const whole = Math.floor(disk.virtualSizeBytes / mebibyte) - 1
  for (;;) {
    const start = Math.floor(random() * whole) * mebibyte
    if (written.some((one) => one.offset < start + mebibyte && start < one.offset + one.lengthBytes)) continue
    const lengthBytes = upTo(mebibyte / 2, random) + mebibyte / 2
    return { offset: start + upTo(mebibyte - lengthBytes, random), lengthBytes }
  }
}

/** Chooses at least 8 KiB (regions are longer), seldom on the boundary of anything but a sector. */
function partOf(region: Region, random: () => number): Region {
  const least = 8192
  const lengthBytes = least + upTo(region.lengthBytes - least, random)
  return { offset: region.offset + upTo(region.lengthBytes - lengthBytes, random), lengthBytes }
}

function upTo(bytes: number, random: () => number): number {
  return Math.floor(random() * (bytes / sector + 1)) * sector
}
