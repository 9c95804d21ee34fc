import type { JournalEntry } from '../../journal/journal.ts'
import { type EntryOf, entriesOf } from '../question.ts'

/** @throws when nothing of that subject was observed (there): then there is nothing to judge */
export function observationsOf(
  journal: readonly JournalEntry[],
  { subject, where }: { readonly subject: string; readonly where?: string | undefined },
): readonly EntryOf<'observation'>[] {
  const found = entriesOf(journal, 'observation').filter(
    (entry) => entry.subject === subject && (where === undefined || entry.where === where),
  )
  if (found.length === 0) throw new Error(`${subject} was not observed${where === undefined ? '' : ` on ${where}`}`)
  return found
}
