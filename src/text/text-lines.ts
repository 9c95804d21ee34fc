import { printable } from './printable.ts'
import { wrap } from './terminal.ts'

const hanging = 2

/**
 * The lines of a sentence that fit the columns of a terminal. Further lines are indented more than the first. Names from
 * backups are made safe to print.
 */
export function sentenceLines(text: string, columns: number, indent = 0): readonly string[] {
  return wrap(printable(text), columns - indent - hanging).map(
    (line, index) => ' '.repeat(index === 0 ? indent : indent + hanging) + line,
  )
}

/** A line to copy, which is never wrapped. */
export function lineToCopy(text: string, indent = 0): string {
  return ' '.repeat(indent) + printable(text)
}
