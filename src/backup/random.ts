import { createHash } from 'node:crypto'

/** Returns a generator of numbers from 0 to below 1 (mulberry32), the same on every machine. */
export function randomFrom(seed: string): () => number {
  let state = createHash('sha256').update(seed).digest().readUInt32BE()
  return () => {
    state = (state + 0x6d_2b_79_f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Draws `count` different numbers from 0 to below `among`. Their order means nothing. */
export function sampleOf(count: number, among: number, seed: string): readonly number[] {
  const random = randomFrom(seed)
  const chosen = new Set<number>()
  // Floyd's algorithm draws once for each number.
  for (let last = among - count; last < among; last++) {
    const drawn = Math.floor(random() * (last + 1))
    chosen.add(chosen.has(drawn) ? last : drawn)
  }
  return [...chosen]
}
