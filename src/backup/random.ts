import { createHash } from 'node:crypto'

/** Numbers from 0 to below 1 (mulberry32); good enough to scatter things, and the same everywhere. */
export function randomFrom(seed: string): () => number {
  let state = createHash('sha256').update(seed).digest().readUInt32BE()
  return () => {
    state = (state + 0x6d_2b_79_f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** So many different numbers from 0 to below `among`, in an order that means nothing. */
export function sampleOf(count: number, among: number, seed: string): readonly number[] {
  const random = randomFrom(seed)
  const chosen = new Set<number>()
  // Floyd's way: each number is drawn once, however many of them are wanted.
  for (let last = among - count; last < among; last++) {
    const drawn = Math.floor(random() * (last + 1))
    chosen.add(chosen.has(drawn) ? last : drawn)
  }
  return [...chosen]
}
