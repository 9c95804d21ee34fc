import { createHash } from 'node:crypto'
import { blockBytes, unsigned64 } from '../image/digest.ts'
import type { DiskLanes } from './lanes.ts'
import type { NbdClient } from './nbd/client.ts'
import { dataStretches } from './stretches.ts'

/** What one lane is given at once. */
const stretchBytes = 256 * blockBytes

export interface DiskDigest {
  readonly digest: string
  /** Bytes that were not known to be zero beforehand. */
  readonly readBytes: number
}

/**
 * Content digest, version 1, of what an NBD server has: see `digestContent`. Stretches are hashed in any order, a few at
 * a time, and put together in theirs.
 * @throws what the lanes and the client throw
 */
export async function digestDisk(client: NbdClient, lanes: DiskLanes): Promise<DiskDigest> {
  const { sizeBytes } = client.export
  const whole = createHash('sha256').update(unsigned64(sizeBytes))
  const underway: Promise<Uint8Array>[] = []
  let readBytes = 0
  const ask = (offset: number, lengthBytes: number) => client.extents(offset, lengthBytes)
  for await (const stretch of dataStretches(sizeBytes, stretchBytes, ask)) {
    const records = lanes.digest(stretch)
    // It is looked at when its turn comes, or not at all when one before it failed.
    records.catch(() => {})
    underway.push(records)
    readBytes += stretch.lengthBytes
    if (underway.length >= lanes.width) whole.update((await underway.shift()) ?? new Uint8Array())
  }
  for (const records of underway) whole.update(await records)
  return { digest: whole.digest('hex'), readBytes }
}
