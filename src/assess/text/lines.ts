import { printable } from '../../text/printable.ts'
import { fit, widthOf, wrap } from '../../text/terminal.ts'

/** A name from a record, safe to print and not too long for a line. */
export const nameText = (name: string): string => fit(printable(name), 40)

/** Breaks a text at blanks into lines of at most so many columns; a longer word is broken too, after a slash if it has some. */
export function brokenLines(text: string, columns: number): readonly string[] {
  const [indent = ''] = /^ */.exec(text) ?? []
  return wrap(text, columns).flatMap((line) =>
    widthOf(line) <= columns
      ? line
      : piecesOf(line.trimStart(), columns - indent.length).map((piece) => indent + piece),
  )
}

/** Breaks a path after slashes into lines of at most so many columns; further lines are indented by two. */
export function pathLines(path: string, columns: number): readonly string[] {
  const [first = '', ...rest] = piecesOf(path, columns)
  return rest.length === 0 ? [first] : [first, ...piecesOf(rest.join(''), columns - 2).map((piece) => `  ${piece}`)]
}

function piecesOf(text: string, columns: number): readonly string[] {
  const pieces: string[] = []
  let piece = ''
  for (const part of text.split(/(?<=\/)/).flatMap((one) => chunksOf(one, columns))) {
    if (piece !== '' && widthOf(piece) + widthOf(part) > columns) {
      pieces.push(piece)
      piece = ''
    }
    piece += part
  }
  return [...pieces, piece]
}

function chunksOf(text: string, columns: number): readonly string[] {
  const chunks: string[] = []
  let chunk = ''
  for (const character of text) {
    if (chunk !== '' && widthOf(chunk) + widthOf(character) > columns) {
      chunks.push(chunk)
      chunk = ''
    }
    chunk += character
  }
  return [...chunks, chunk]
}
