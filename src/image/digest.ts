import { createHash } from 'node:crypto'

/** The length of a block of the digest. */
export const blockBytes = 65_536

const zeroes = Buffer.alloc(blockBytes)

/**
 * Content digest, version 1: SHA-256 over the size as unsigned 64-bit big-endian, then, for each 64 KiB block that is
 * not all zero, in order, its index likewise and the 32 raw bytes of its SHA-256; a last short block at its real
 * length. It does not depend on how an image is allocated.
 *
 * `content` comes in pieces of any length, `sizeBytes` in total.
 * @returns 64 hex digits
 * @throws RangeError if the content does not have that size
 */
export async function digestContent(
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  sizeBytes: number,
): Promise<string> {
  const digest = createHash('sha256').update(unsigned64(sizeBytes))
  let index = 0
  let seenBytes = 0
  for await (const block of inBlocks(content)) {
    if (!zeroes.subarray(0, block.length).equals(block)) {
      digest.update(unsigned64(index)).update(createHash('sha256').update(block).digest())
    }
    index += 1
    seenBytes += block.length
  }
  if (seenBytes !== sizeBytes) throw new RangeError(`content of ${seenBytes} bytes, not ${sizeBytes}`)
  return digest.digest('hex')
}

/** Each block is valid until the next one is requested. */
async function* inBlocks(content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const block = Buffer.alloc(blockBytes)
  let filled = 0
  for await (const piece of content) {
    for (let at = 0; at < piece.length; ) {
      const part = piece.subarray(at, at + blockBytes - filled)
      block.set(part, filled)
      filled += part.length
      at += part.length
      if (filled === blockBytes) {
        yield block
        filled = 0
      }
    }
  }
  if (filled > 0) yield block.subarray(0, filled)
}

export function unsigned64(value: number): Uint8Array {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(value))
  return bytes
}
