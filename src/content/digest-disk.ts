import { createHash } from 'node:crypto'
import type { ContentOptions } from '../assess/judge/content-port.ts'
import { blockBytes, unsigned64 } from '../image/digest.ts'
import type { DiskLanes } from './lanes.ts'
import type { NbdClient } from './nbd/nbd-client.ts'
import { dataStretches, type Stretch } from './stretches.ts'

/** How much one lane gets at once: one long stretch, or many short ones. */
const orderBytes = 256 * blockBytes
const maxStretches = 256

export interface DiskDigest {
  readonly digest: string
  /** Bytes that may hold anything but zeroes. */
  readonly readBytes: number
}

/**
 * Content digest, version 1, of the disk of an NBD server; see `digestContent`. Stretches are hashed in any order, a
 * few at a time, and joined in their own order.
 * @throws what the lanes and the client throw
 */
export async function digestDisk(
  client: NbdClient,
  lanes: DiskLanes,
  { onProgress, beforeReading }: Required<Pick<ContentOptions, 'onProgress' | 'beforeReading'>>,
): Promise<DiskDigest> {
  const { sizeBytes } = client.export
  const whole = createHash('sha256').update(unsigned64(sizeBytes))
  const underway: Promise<Uint8Array>[] = []
  let readBytes = 0
  const ask = (offset: number, lengthBytes: number) => client.extents(offset, lengthBytes)
  for await (const stretches of orders(dataStretches(sizeBytes, orderBytes, ask))) {
    const bytes = stretches.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0)
    await beforeReading(bytes)
    const records = lanes.digest(stretches)
    // It is awaited in its turn, or not at all if an earlier one failed.
    records.then(
      () => onProgress(bytes),
      () => {},
    )
    underway.push(records)
    readBytes += bytes
    if (underway.length >= lanes.width) whole.update((await underway.shift()) ?? new Uint8Array())
  }
  for (const records of underway) whole.update(await records)
  return { digest: whole.digest('hex'), readBytes }
}

async function* orders(stretches: AsyncIterable<Stretch>): AsyncGenerator<readonly Stretch[], void, undefined> {
  let order: Stretch[] = []
  let bytes = 0
  for await (const stretch of stretches) {
    if (order.length === maxStretches || bytes + stretch.lengthBytes > orderBytes) {
      yield order
      order = []
      bytes = 0
    }
    order.push(stretch)
    bytes += stretch.lengthBytes
  }
  if (order.length > 0) yield order
}
