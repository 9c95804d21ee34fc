import type { JournalEntry } from '../../journal/journal.ts'
import { entriesOf, fail, pass, type Question } from '../question.ts'
import { nameOfRestore, type RestoreEntry } from './restore-entries.ts'

/** Returns the failed restores that no finding rests on: no step of the scenario examined them. */
export function unexaminedFailures(journal: readonly JournalEntry[]): readonly RestoreEntry[] {
  const examined = new Set(entriesOf(journal, 'finding').flatMap(({ finding }) => finding.evidence))
  return entriesOf(journal, 'restore').filter(({ seq, restore }) => restore.outcome === 'failed' && !examined.has(seq))
}

/** Asks whether some step examined every restore that failed. */
export const everyFailureExamined: Question<Record<never, never>> = {
  name: 'a step examined every failed restore',
  judge: (journal) => {
    const left = unexaminedFailures(journal)
    if (left.length > 0) {
      const names = left
        .slice(0, 3)
        .map(({ restore }) => `${nameOfRestore(restore)}: ${restore.reason?.sentence ?? 'unknown reason'}`)
      const more = left.length > 3 ? `; and ${left.length - 3} more` : ''
      return fail(
        `no step examined ${left.length} failed restores: ${names.join('; ')}${more}`,
        left.map(({ seq }) => seq),
      )
    }
    const restores = entriesOf(journal, 'restore')
    return pass(
      'every failed restore was examined',
      restores.map(({ seq }) => seq),
    )
  },
}
