/**
 * Returns the known word that is most similar to `text`. Undefined if no word is similar enough.
 * @param share of the characters that may differ
 */
export function nearest(text: string, known: Iterable<string>, share = 0.4): string | undefined {
  let best: string | undefined
  let least = Number.POSITIVE_INFINITY
  for (const one of known) {
    const distance = distanceOf(text.toLowerCase(), one.toLowerCase())
    if (distance >= least || distance > Math.ceil(share * Math.max(text.length, one.length))) continue
    best = one
    least = distance
  }
  return best
}

/** The number of insertions, deletions, replacements and swaps of adjacent characters. */
function distanceOf(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const isSame = a[row - 1] === b[column - 1]
      const isSwap = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      const swapped = isSwap ? (beforeLast[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY
      const replaced = (last[column - 1] ?? 0) + (isSame ? 0 : 1)
      current.push(Math.min((last[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1, replaced, swapped))
    }
    beforeLast = last
    last = current
  }
  return last[b.length] ?? 0
}
