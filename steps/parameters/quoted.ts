/** The source of a pattern for `"a"`, `"a" and "b"` or `"a", "b" and "c"`. */
export const quotedList = '"[^"]*"(?:(?:, "[^"]*")* and "[^"]*")?'

/** The values of a quoted list. */
export function quotedValues(list: string): readonly string[] {
  return [...list.matchAll(/"([^"]*)"/g)].map(([, value = '']) => value)
}
