import type { JournalEntry } from '../../journal/journal.ts'
import { entriesOf, fail, pass, type Question } from '../question.ts'
import { name, type RestoreEntry } from './restores.ts'

/** The failed restores that no finding rests on: nobody looked at them. */
export function unexamined(journal: readonly JournalEntry[]): readonly RestoreEntry[] {
  const looked = new Set(entriesOf(journal, 'finding').flatMap(({ finding }) => finding.evidence))
  return entriesOf(journal, 'restore').filter(({ seq, restore }) => restore.outcome === 'failed' && !looked.has(seq))
}

/** Did somebody look at every restore that failed? */
export const everyFailureExamined: Question<Record<never, never>> = {
  name: 'every failed restore was looked at',
  judge: (journal) => {
    const left = unexamined(journal)
    if (left.length > 0) {
      const names = left
        .slice(0, 3)
        .map(({ restore }) => `${name(restore)}: ${restore.reason?.sentence ?? 'no reason'}`)
      const more = left.length > 3 ? `; and ${left.length - 3} more` : ''
      return fail(
        `nobody looked at ${left.length} failed restores: ${names.join('; ')}${more}`,
        left.map(({ seq }) => seq),
      )
    }
    const restores = entriesOf(journal, 'restore')
    return pass(
      'every failed restore was looked at',
      restores.map(({ seq }) => seq),
    )
  },
}
