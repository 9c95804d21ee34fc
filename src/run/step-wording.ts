/** The share of a wording's own letters that a step may differ in. */
const tolerance = 0.4

/**
 * Returns the known wording that is nearest to a step, if one is near.
 * @param wordings Cucumber expressions, or sources of regular expressions
 */
export function nearestWording(text: string, wordings: Iterable<string>): string | undefined {
  let best: string | undefined
  let least = tolerance
  for (const wording of new Set(wordings)) {
    const parts = literalParts(wording)
    const difference = distance(text.toLowerCase(), parts) / Math.max(1, parts.join('').length)
    if (difference >= least) continue
    best = wording
    least = difference
  }
  return best
}

/** The text before, between and after the parameters, with optional text and the first of each set of alternatives. */
function literalParts(wording: string): readonly string[] {
  return wording
    .replaceAll(/[()]/g, '')
    .replaceAll(/(\w+)\/\w+/g, '$1')
    .toLowerCase()
    .split(/\{[^}]*\}/)
}

/** The number of characters to insert, remove or replace, if anything may come between the parts. */
function distance(text: string, parts: readonly string[]): number {
  let row = Array.from({ length: text.length + 1 }, (_, column) => column)
  for (const [index, part] of parts.entries()) {
    if (index > 0)
      for (let column = 1; column < row.length; column++) row[column] = Math.min(at(row, column), at(row, column - 1))
    for (const letter of part) {
      const next = [at(row, 0) + 1]
      for (let column = 1; column < row.length; column++) {
        const replaced = at(row, column - 1) + (letter === text[column - 1] ? 0 : 1)
        next.push(Math.min(replaced, at(row, column) + 1, at(next, column - 1) + 1))
      }
      row = next
    }
  }
  return at(row, text.length)
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY
}
