import { plainStyle, type Style, type Tone } from './style.ts'
import { fit, widthOf, wrap } from './terminal.ts'

export interface Column {
  /** Undefined if the column has no heading. A table without any heading has no heading line. */
  readonly heading?: string
  /** `left` by default. */
  readonly align?: 'left' | 'right'
  /** How to fit cells into a table that is too wide. `keep`, the default, is for text that users copy. */
  readonly overflow?: 'keep' | 'wrap' | 'shorten'
}

/** The text of a cell. The caller makes it safe to print. */
export type Cell = string | { readonly text: string; readonly tone: Tone }

export interface TableOptions {
  readonly style?: Style
  /** Blanks before each line. */
  readonly indent?: number
}

const gap = 2
// A narrower column is harder to read than a line that is too long.
const narrowest = 8

/**
 * Returns the lines of a table. It fits the columns of its style, unless its own columns cannot get any narrower. Wrapping
 * breaks lines at blanks only, so that a path can be copied.
 */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  { style = plainStyle, indent = 0 }: TableOptions = {},
): readonly string[] {
  const headings = columns.map(({ heading = '' }): Cell => ({ text: heading, tone: 'quiet' }))
  const all = columns.some(({ heading }) => heading !== undefined) ? [headings, ...rows] : rows
  const widths = shrink(columns, naturalWidths(columns, all), style.columns - indent - gap * (columns.length - 1))
  return all
    .flatMap((row) => lines(columns, row, widths, style))
    .map((line) => `${' '.repeat(indent)}${line}`.trimEnd())
}

const textOf = (cell: Cell | undefined): string => (typeof cell === 'object' ? cell.text : (cell ?? ''))

function naturalWidths(columns: readonly Column[], rows: readonly (readonly Cell[])[]): readonly number[] {
  return columns.map((_, index) => rows.reduce((width, row) => Math.max(width, widthOf(textOf(row[index]))), 0))
}

/** Narrows the widest column that may shrink, one step at a time, until the table fits or no column can shrink. */
function shrink(columns: readonly Column[], natural: readonly number[], available: number): readonly number[] {
  const widths = [...natural]
  let excess = widths.reduce((sum, width) => sum + width, 0) - available
  const canShrink = ({ overflow, heading = '' }: Column, width: number) =>
    overflow !== undefined && overflow !== 'keep' && width > Math.max(narrowest, widthOf(heading))
  while (excess > 0) {
    let widest = -1
    for (const [index, column] of columns.entries())
      if (canShrink(column, widths[index] ?? 0) && (widths[index] ?? 0) > (widths[widest] ?? 0)) widest = index
    if (widest < 0) break
    widths[widest] = (widths[widest] ?? 0) - 1
    excess--
  }
  return widths
}

function lines(
  columns: readonly Column[],
  row: readonly Cell[],
  widths: readonly number[],
  style: Style,
): readonly string[] {
  const parts = columns.map(({ overflow = 'keep' }, index) => {
    const [text, width] = [textOf(row[index]), widths[index] ?? 0]
    if (overflow === 'wrap') return wrap(text, width)
    return [overflow === 'shorten' ? fit(text, width) : text]
  })
  const height = Math.max(...parts.map(({ length }) => length))
  return Array.from({ length: height }, (_, line) =>
    columns
      .map(({ align = 'left' }, index) => {
        const text = parts[index]?.[line] ?? ''
        const blanks = ' '.repeat(Math.max(0, (widths[index] ?? 0) - widthOf(text)))
        const cell = row[index]
        const painted = typeof cell === 'object' ? style.paint(cell.tone, text) : text
        return align === 'right' ? blanks + painted : painted + blanks
      })
      .join(' '.repeat(gap)),
  )
}
