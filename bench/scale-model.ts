import { randomFrom } from '../src/backup/random.ts'
import { priorityOf, Slicer } from '../src/verify/queue/slicing.ts'
import type { Slice } from '../src/verify/queue/store.ts'

export const modelHosts = 50
const shareBytesPerSecond = 2e9
/**
 * The queue benchmark measures on one core: a disk of 1 MiB takes 30 to 43 ms, most of it for its processes. A slice takes
 * 0.4 s, and up to a second passes until an idle worker looks for the next one.
 */
const openingSeconds = 0.043
const sliceSeconds = 1.4
/** A third of what the content benchmark measures on two cores, for allocated data. */
const hostBytesPerSecond = 300e6

interface Recorded {
  /** The time without the share. */
  readonly ownSeconds: number
  readonly bytes: number
}

/** A tenth of the images are full: a median of 8 GiB. All others are a median of 64 MiB. */
function recordedTimes(count: number): readonly Recorded[] {
  const random = randomFrom('scale-model')
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  return Array.from({ length: count }, () => {
    const medianBytes = random() < 0.1 ? 8 * 2 ** 30 : 64 * 2 ** 20
    const bytes = Math.min(2 * 2 ** 40, Math.ceil(medianBytes * Math.exp(1.3 * normal())))
    return { ownSeconds: openingSeconds * Math.exp(0.3 * normal()), bytes }
  })
}

export interface Simulated {
  readonly seconds: number
  /** What the share alone takes for all bytes. */
  readonly limitSeconds: number
}

/** Simulates a verification by many hosts that read one share: its real slices, in their real order. */
export function simulate(images: number): Simulated {
  const times = recordedTimes(images)
  const slices = slicesOf(times)
  const bytes = times.reduce((sum, one) => sum + one.bytes, 0)
  return { seconds: secondsOf(slices, times), limitSeconds: bytes / shareBytesPerSecond }
}

function slicesOf(times: readonly Recorded[]): readonly Slice[] {
  const slicer = new Slicer()
  const slices: Slice[] = []
  for (const [nth, { bytes }] of times.entries()) {
    const full = slicer.add({ workloadId: `${Math.floor(nth / 500)}`, path: `${nth}`, key: `${nth}`, bytes })
    if (full) slices.push(full)
  }
  const rest = slicer.rest()
  if (rest) slices.push(rest)
  return slices.sort((a, b) => priorityOf(b) - priorityOf(a))
}

/** A host works without the share, and then reads through it. */
interface Host {
  disks: Slice['manifest']['disks']
  next: number
  ownSeconds: number
  bytes: number
}

/** Hosts that read at a time share the bandwidth evenly. */
function secondsOf(slices: readonly Slice[], times: readonly Recorded[]): number {
  let nextSlice = 0
  const take = (): Host | undefined => {
    const slice = slices[nextSlice++]
    return slice && { disks: slice.manifest.disks, next: 0, ownSeconds: sliceSeconds, bytes: 0 }
  }
  let busy = Array.from({ length: modelHosts }, take).filter((host) => host !== undefined)
  let seconds = 0
  while (busy.length > 0) {
    let readers = 0
    for (const host of busy) if (host.ownSeconds === 0) readers++
    const rate = Math.min(hostBytesPerSecond, shareBytesPerSecond / readers)
    let step = Number.POSITIVE_INFINITY
    for (const { ownSeconds, bytes } of busy) step = Math.min(step, ownSeconds > 0 ? ownSeconds : bytes / rate)
    seconds += step
    let isOver = false
    for (const [nth, host] of busy.entries()) {
      if (!isStepDone(host, step, rate)) continue
      const disk = host.disks[host.next++]
      if (disk === undefined) {
        const after = take()
        if (after) busy[nth] = after
        isOver ||= after === undefined
      } else Object.assign(host, times[Number(disk.path)])
    }
    if (isOver) busy = busy.filter(({ next, disks }) => next <= disks.length)
  }
  return seconds
}

/** Lets time pass. True if the host has read its disk, or has started its slice. */
function isStepDone(host: Host, seconds: number, rate: number): boolean {
  if (host.ownSeconds > 0) {
    host.ownSeconds -= seconds
    if (host.ownSeconds > 1e-9) return false
    host.ownSeconds = 0
    return host.bytes === 0
  }
  host.bytes -= seconds * rate
  return host.bytes < 0.5
}
