import { printable } from './printable.ts'
import type { Mark, Style } from './style.ts'
import { table } from './table.ts'
import { sentenceLines } from './text-lines.ts'

/** A row of a table, with a mark before it and sentences below it. */
export interface MarkedRow {
  readonly mark: Mark
  readonly cells: readonly string[]
  /** Undefined if there is nothing to explain. */
  readonly why?: readonly string[]
}

/** The lines of a table whose rows have marks. The sentences below a row fit the columns of the style. */
export function markedTable(rows: readonly MarkedRow[], style: Style): readonly string[] {
  const width = Math.max(0, ...rows.map(({ cells }) => cells.length))
  const lines = table(
    Array.from({ length: width }, () => ({})),
    rows.map(({ cells }) => cells.map(printable)),
    { style },
  )
  return rows.flatMap(({ mark, why = [] }, index) => [
    `${style.mark(mark)} ${lines[index]}`,
    ...why.flatMap((sentence) => sentenceLines(sentence, style.columns, 4)),
  ])
}
