import { printable } from '../../text/printable.ts'
import { wrap } from '../../text/terminal.ts'

/** The lines of a sentence that fit the columns of a terminal, indented. Names from backups are made safe to print. */
export function sentenceLines(text: string, columns: number, indent = 0): readonly string[] {
  return wrap(' '.repeat(indent) + printable(text), columns)
}

/** A line to copy, which is never wrapped. */
export function lineToCopy(text: string, indent = 0): string {
  return ' '.repeat(indent) + printable(text)
}
