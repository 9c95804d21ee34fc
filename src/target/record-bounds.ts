/** The limits of a record file. Those of the product hold a few hundred values for each VM. */
export const recordBounds = { bytes: 8 * 2 ** 20, depth: 100, values: 250_000 } as const

/** Whatever is in a shorter text, parsing it takes little memory. Nearly all records are shorter. */
const harmlessBytes = 2 ** 16
const [quote, backslash, comma] = [0x22, 0x5c, 0x2c]
const opens = new Set([0x5b, 0x7b])
const closes = new Set([0x5d, 0x7d])

/**
 * Why a text is too large to be parsed. Undefined if it is within the limits. Parsing takes many times the memory of the
 * text; this takes none. In a text that is not JSON, it counts correctly up to the first error.
 */
export function excessIn(text: Uint8Array): string | undefined {
  const { bytes, depth: maxDepth, values: maxValues } = recordBounds
  if (text.length > bytes) return tooLong(text.length)
  if (text.length <= harmlessBytes) return undefined
  let depth = 0
  let values = 1
  let isInString = false
  for (let at = 0; at < text.length; at++) {
    const byte = text[at] ?? 0
    if (isInString) {
      if (byte === backslash) at++
      else if (byte === quote) isInString = false
    } else if (byte === quote) isInString = true
    else if (byte === comma) values++
    else if (opens.has(byte)) {
      values++
      depth++
      if (depth > maxDepth) return `nested more than ${maxDepth} levels deep`
    } else if (closes.has(byte)) depth--
    if (values > maxValues) return `more than ${maxValues} values`
  }
  return undefined
}

/** The message about a file that is longer than a record. */
export const tooLong = (fileBytes: number): string => `${fileBytes} bytes: too long for a record`
