import { HeaderError, parseHeader } from './header.ts'

const interesting = [0, 1, 2, 7, 8, 9, 16, 21, 22, 63, 64, 72, 103, 104, 112, 127, 128, 255]
const wide = [
  0, 1, 0x7f_ff_ff_ff, 0x80_00_00_00, 0xff_ff_ff_ff, 0xff_ff_ff_f8, 0x01_00_00_00, 65_536, 1024, 0xe2_79_2a_ca,
]

/** A small generator of numbers from 0 to 2^32 (xorshift), the same ones every time. */
export function randomNumbers(seed: number): () => number {
  let state = seed | 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 0
  }
}

/**
 * Parses mutated copies of the headers: bytes and words replaced by edge values, cut anywhere.
 * @returns how each of them ended
 */
export function parseMutated(headers: readonly Uint8Array[], count: number, seed: number): Record<string, number> {
  const random = randomNumbers(seed)
  const ends: Record<string, number> = {}
  const copies = headers.map((header) => Uint8Array.from(header))
  for (let round = 0; round < count; round++) {
    const which = round % headers.length
    const [original, copy] = [headers[which], copies[which]]
    if (original === undefined || copy === undefined) throw new TypeError('no headers')
    const view = new DataView(copy.buffer)
    for (let changes = 1 + (random() % 4); changes > 0; changes--) {
      // Most fields are in the first 112 bytes, and the extensions after them.
      const at = random() % (random() % 4 === 0 ? copy.length - 8 : 160)
      const kind = random() % 4
      if (kind === 0) copy[at] = random()
      else if (kind === 1) copy[at] = interesting[random() % interesting.length] ?? 0
      else if (kind === 2) view.setUint32(at & ~3, wide[random() % wide.length] ?? 0)
      else copy[at] = (copy[at] ?? 0) ^ (1 << (random() % 8))
    }
    const end = endOf(random() % 8 === 0 ? copy.subarray(0, random() % copy.length) : copy)
    ends[end] = (ends[end] ?? 0) + 1
    copy.set(original)
  }
  return ends
}

function endOf(bytes: Uint8Array): string {
  try {
    parseHeader(bytes)
    return 'parsed'
  } catch (error) {
    if (error instanceof HeaderError) return error.problem
    throw error
  }
}
