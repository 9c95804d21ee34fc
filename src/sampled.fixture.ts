/** Set by `./drill test --full`. */
const isFull = process.env['DR_DRILL_FULL_TESTS'] === '1'

/** One in this many cases is tried if not all are. Odd: cases often come in pairs. */
const step = 5

/** The cases that a test tries: all with `./drill test --full`, otherwise the first, the last, and some between them. */
export function sampled<T>(cases: readonly T[]): readonly T[] {
  return isFull ? cases : cases.filter((_, nth) => nth % step === 0 || nth === cases.length - 1)
}

/** The moments, from 1 to `count`, at which a test ends a command. */
export function moments(count: number): readonly number[] {
  return sampled(Array.from({ length: count }, (_, index) => index + 1))
}
