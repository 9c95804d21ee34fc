import { blockBytes } from '../image/digest.ts'
import type { Extent } from './nbd/open-request.ts'

/** A part of a disk that may hold anything but zeroes: whole blocks, except at the end of the disk. */
export interface Stretch {
  readonly offset: number
  readonly lengthBytes: number
}

/** How much is queried at once: more after a quick answer, less after a slow one. */
const minAskedBytes = 64 * 2 ** 20
const maxAskedBytes = 2 * 2 ** 30
const quickMs = 200
const slowMs = 2000

type Ask = (offset: number, lengthBytes: number) => Promise<readonly Extent[]>

/**
 * Yields all parts of a disk that may hold anything, in order, without overlap, each of at most `maxBytes` (whole
 * blocks). The next part is queried while the present one is read.
 */
export async function* dataStretches(
  sizeBytes: number,
  maxBytes: number,
  ask: Ask,
): AsyncGenerator<Stretch, void, undefined> {
  /** Everything before this offset was yielded, or is zero. */
  let done = 0
  for await (const { offset, lengthBytes } of dataExtents(sizeBytes, ask)) {
    const end = Math.min(sizeBytes, Math.ceil((offset + lengthBytes) / blockBytes) * blockBytes)
    for (let at = Math.max(done, Math.floor(offset / blockBytes) * blockBytes); at < end; at += maxBytes) {
      yield { offset: at, lengthBytes: Math.min(maxBytes, end - at) }
    }
    done = Math.max(done, end)
  }
}

/** Adjacent parts are joined. */
async function* dataExtents(sizeBytes: number, ask: Ask): AsyncGenerator<Stretch, void, undefined> {
  let open: { offset: number; lengthBytes: number } | undefined
  for await (const { offset, lengthBytes, isZero } of allExtents(sizeBytes, ask)) {
    if (isZero) {
      if (open) yield open
      open = undefined
    } else if (open) open.lengthBytes += lengthBytes
    else open = { offset, lengthBytes }
  }
  if (open) yield open
}

async function* allExtents(sizeBytes: number, ask: Ask): AsyncGenerator<Extent, void, undefined> {
  let askedBytes = minAskedBytes
  const next = async (offset: number) => {
    if (offset >= sizeBytes) return undefined
    const startedMs = performance.now()
    const extents = await ask(offset, Math.min(askedBytes, sizeBytes - offset))
    const tookMs = performance.now() - startedMs
    if (tookMs < quickMs) askedBytes = Math.min(maxAskedBytes, askedBytes * 2)
    if (tookMs > slowMs) askedBytes = Math.max(minAskedBytes, askedBytes / 2)
    return extents
  }
  for (let coming = next(0); ; ) {
    const extents = await coming
    const last = extents?.at(-1)
    if (extents === undefined || last === undefined) return
    coming = next(last.offset + last.lengthBytes)
    // A caller that stops early does not wait for the query.
    coming.catch(() => {})
    yield* extents
  }
}
