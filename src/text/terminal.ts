import type { WriteStream } from 'node:tty'

/** Where progress goes: a terminal has `isTTY` and `columns`. */
export type ProgressStream = NodeJS.WritableStream & Partial<Pick<WriteStream, 'isTTY' | 'columns'>>

/** Cuts a text to so many columns. East Asian characters and emoji take two, which is all that is assumed of fonts. */
export function fit(text: string, columns: number): string {
  const widths = [...text].map(
    (character) => [character, /[\u1100-\uffdc]|[\u{1f000}-\u{3ffff}]/u.test(character) ? 2 : 1] as const,
  )
  const total = widths.reduce((sum, [, width]) => sum + width, 0)
  if (total <= columns) return text
  let used = 0
  let kept = ''
  for (const [character, width] of widths) {
    if (used + width > columns - 1) break
    kept += character
    used += width
  }
  return columns < 1 ? '' : `${kept}…`
}
