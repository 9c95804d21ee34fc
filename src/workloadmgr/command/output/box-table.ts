import { widthOf } from '../../../text/terminal.ts'

/** Returns a table with borders of `+`, `-` and `|`. Text is not shortened: people copy it. */
export function boxTable(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = headings.map((heading, at) =>
    [heading, ...rows.map((row) => row[at] ?? '')].reduce((max, cell) => Math.max(max, widthOf(cell)), 0),
  )
  const border = `+${widths.map((width) => '-'.repeat(width + 2)).join('+')}+`
  const line = (cells: readonly string[]) =>
    `|${widths.map((width, at) => ` ${padded(cells[at] ?? '', width)} `).join('|')}|`
  return [border, line(headings), border, ...rows.map(line), border, ''].join('\n')
}

const padded = (text: string, width: number): string => text + ' '.repeat(width - widthOf(text))
