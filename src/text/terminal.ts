import type { WriteStream } from 'node:tty'
import { stripVTControlCharacters } from 'node:util'

/** A stream for people. A terminal has `isTTY` and `columns`. */
export type ProgressStream = NodeJS.WritableStream & Partial<Pick<WriteStream, 'isTTY' | 'columns'>>

/** Returns the columns of a terminal; 80 for a file, a pipe, or a terminal of unknown size. */
export function columnsOf({ isTTY, columns }: Pick<ProgressStream, 'isTTY' | 'columns'>): number {
  return isTTY === true && columns !== undefined && columns > 0 ? columns : 80
}

// East Asian scripts and emoji.
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f000}-\u{3ffff}]|\p{Emoji_Presentation}/u
// Marks that combine with the character before them.
const narrowest = /[\p{Mn}\p{Me}\u200b-\u200f\ufeff]/u

/** Returns the columns that a text takes on a terminal. Escape sequences take no column. */
export function widthOf(text: string): number {
  let width = 0
  for (const character of stripVTControlCharacters(text)) width += characterWidth(character)
  return width
}

/** Shortens a text to at most `columns`, with an ellipsis at its end. */
export function fit(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text
  let used = 0
  let kept = ''
  for (const character of text) {
    used += characterWidth(character)
    if (used > columns - 1) break
    kept += character
  }
  return columns < 1 ? '' : `${kept}…`
}

/**
 * Breaks a text at blanks into lines of at most `columns`. Continuation lines are indented like the first one. Words are
 * never broken, so that a path can be copied.
 */
export function wrap(text: string, columns: number): readonly string[] {
  return text.split('\n').flatMap((paragraph) => {
    const [indent = ''] = /^ */.exec(paragraph) ?? []
    const lines: string[] = []
    let line = ''
    for (const word of paragraph.slice(indent.length).split(' ')) {
      const longer = line === '' ? word : `${line} ${word}`
      if (line === '' || widthOf(indent) + widthOf(longer) <= columns) line = longer
      else {
        lines.push(line)
        line = word
      }
    }
    return [...lines, line].map((each) => (each === '' ? '' : indent + each))
  })
}

function characterWidth(character: string): number {
  if (wide.test(character)) return 2
  return narrowest.test(character) ? 0 : 1
}
