/** Set by `./drill test --full`. */
const isFull = process.env['DR_DRILL_FULL_TESTS'] === '1'

/** One in this many moments is tried if not all are. Odd: programs often start in pairs. */
const step = 5

/**
 * The moments, from 1 to `count`, at which a test ends a command: the first, the last, and some between them; with
 * `./drill test --full`, all.
 */
export function moments(count: number): readonly number[] {
  const all = Array.from({ length: count }, (_, index) => index + 1)
  return isFull ? all : all.filter((number) => number % step === 1 || number === count)
}
