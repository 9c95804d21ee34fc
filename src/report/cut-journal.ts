import type { JournalEntry } from '../journal/journal.ts'

/**
 * Returns where a journal was cut. Undefined for a complete one.
 * @param torn true if its last line is incomplete
 */
export function cutText(entries: readonly JournalEntry[], torn: boolean): string | undefined {
  const last = entries.at(-1)
  if (last === undefined) return 'the journal was cut: it holds no complete entry'
  const where = `the journal was cut after entry ${last.seq} (${last.at})`
  if (torn) return `${where}: its last line is incomplete and was left out`
  return entries.some(({ kind }) => kind === 'run-ended') ? undefined : `${where}, before the end of the run`
}
