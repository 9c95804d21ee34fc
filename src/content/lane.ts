import { hash } from 'node:crypto'
import { blockBytes } from '../image/digest.ts'
import { NbdClient } from './nbd/nbd-client.ts'
import type { Stretch } from './stretches.ts'

/** The record of a block in a digest: its index, and the SHA-256 of its bytes. */
const recordBytes = 8 + 32
/**
 * The length of a request, and how many of a stretch are under way at a time. With longer ones QEMU spends twice the
 * time in the kernel, because it takes fresh memory for each. It serves at most 16 of a connection at once.
 */
const requestBytes = 4 * blockBytes
const requestsAtOnce = 8

const zeroes = Buffer.alloc(blockBytes)

/** A connection that reads stretches of a disk, and hashes them block by block. */
export class Lane implements Disposable {
  readonly #client: NbdClient
  /** Buffers for requests: as many sets as there were stretches at a time. */
  readonly #unused: (readonly Buffer[])[] = []

  private constructor(client: NbdClient) {
    this.#client = client
  }

  static async open(socket: string, stallMs: number): Promise<Lane> {
    return new Lane(await NbdClient.connect(socket, stallMs))
  }

  /**
   * Returns the records of all blocks that are not all zero, in order.
   * @param stretches in order, of whole blocks
   * @throws what NbdClient throws
   */
  async digest(stretches: readonly Stretch[]): Promise<Uint8Array<ArrayBuffer>> {
    const blocks = stretches.reduce((sum, { lengthBytes }) => sum + Math.ceil(lengthBytes / blockBytes), 0)
    const records = Buffer.alloc(blocks * recordBytes)
    const requests = requestsFor(stretches)
    const readOn = async (buffer: Buffer) => {
      for (const { offset, lengthBytes, firstBlock } of requests) {
        const part = buffer.subarray(0, lengthBytes)
        await this.#client.read(offset, part)
        hashBlocks(part, offset, records.subarray(firstBlock * recordBytes))
      }
    }
    const buffers = this.#unused.pop() ?? Array.from({ length: requestsAtOnce }, () => Buffer.alloc(requestBytes))
    await Promise.all(buffers.map(readOn))
    this.#unused.push(buffers)
    return withoutGaps(records)
  }

  [Symbol.dispose](): void {
    this.#client[Symbol.dispose]()
  }
}

/** Each request is taken by the next free reader. `firstBlock` counts from the first of all stretches. */
function* requestsFor(stretches: readonly Stretch[]): Generator<Stretch & { readonly firstBlock: number }> {
  let firstBlock = 0
  for (const { offset, lengthBytes } of stretches) {
    for (let at = 0; at < lengthBytes; at += requestBytes) {
      const requested = Math.min(requestBytes, lengthBytes - at)
      yield { offset: offset + at, lengthBytes: requested, firstBlock }
      firstBlock += Math.ceil(requested / blockBytes)
    }
  }
}

/** The record of a zero block stays zero. */
function hashBlocks(bytes: Buffer, offset: number, records: Buffer): void {
  for (let start = 0, to = 0; start < bytes.length; start += blockBytes, to += recordBytes) {
    const block = bytes.subarray(start, start + blockBytes)
    if (zeroes.subarray(0, block.length).equals(block)) continue
    records.writeBigUInt64BE(BigInt((offset + start) / blockBytes), to)
    hash('sha256', block, 'buffer').copy(records, to + 8)
  }
}

/** No SHA-256 is zero. */
function withoutGaps(records: Buffer): Uint8Array<ArrayBuffer> {
  const dense = new Uint8Array(records.length)
  let length = 0
  for (let at = 0; at < records.length; at += recordBytes) {
    const record = records.subarray(at, at + recordBytes)
    if (zeroes.subarray(0, recordBytes).equals(record)) continue
    dense.set(record, length)
    length += recordBytes
  }
  return dense.slice(0, length)
}
