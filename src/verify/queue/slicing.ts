import { createHash } from 'node:crypto'
import type { Manifest, Slice, SliceDisk } from './store.ts'

/** A slice has at most so many disks, and so much to read, unless one disk alone has more. */
const maxDisks = 1000
const maxBytes = 50 * 2 ** 30
/**
 * The first slices are small, and the limits double, so that a small target has enough slices for all hosts. Reading one
 * takes seconds even so: each costs a few tenths of a second besides.
 */
const firstDisks = 64
const firstBytes = 2 ** 30
const slicesOfOneSize = 8

/** A disk to read. */
export interface DiskToRead extends SliceDisk {
  readonly workloadId: string
  /** The length of all images of its chain. */
  readonly bytes: number
}

/** Gathers disks into slices. */
export class Slicer {
  #workloadIds = new Set<string>()
  #disks: SliceDisk[] = []
  #bytes = 0
  #slices = 0

  /** Returns a slice that is full without this disk. */
  add({ workloadId, path, key, bytes }: DiskToRead): Slice | undefined {
    const growth = 2 ** Math.floor(this.#slices / slicesOfOneSize)
    const isFull =
      this.#disks.length >= Math.min(maxDisks, firstDisks * growth) ||
      (this.#disks.length > 0 && this.#bytes + bytes > Math.min(maxBytes, firstBytes * growth))
    const full = isFull ? this.rest() : undefined
    this.#workloadIds.add(workloadId)
    this.#disks.push({ path, key })
    this.#bytes += bytes
    return full
  }

  /** Returns what is in no slice yet. Undefined if there is nothing. */
  rest(): Slice | undefined {
    if (this.#disks.length === 0) return undefined
    const manifest: Manifest = { workloadIds: [...this.#workloadIds], disks: this.#disks }
    const digest = createHash('sha256').update(JSON.stringify(manifest)).digest('hex')
    const slice = { digest, manifest, bytes: this.#bytes }
    this.#workloadIds = new Set()
    this.#disks = []
    this.#bytes = 0
    this.#slices++
    return slice
  }
}

/** To open a disk takes about as long as to read so much. */
const bytesOfOpening = 16 * 2 ** 20
/** The highest priority that the database can hold. */
const maxPriority = 2 ** 31 - 1

/** Slices that take longer come first, so that no host ends long after the others. */
export function priorityOf({ manifest, bytes }: Slice): number {
  return Math.min(maxPriority, Math.ceil((bytes + manifest.disks.length * bytesOfOpening) / 2 ** 20))
}
