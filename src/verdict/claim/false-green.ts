import type { JournalEntry } from '../../journal/journal.ts'
import { counted } from '../../text/plural.ts'
import { all, fail, type Judgment, pass, type Question, unknown } from '../question.ts'
import { coverageOf } from './coverage.ts'
import { judgeContent } from './recorded-content.ts'
import { claimedRestores, nameOfRestore, type RestoreEntry, type RestoreSet } from './restore-entries.ts'

/** Asks whether `qemu-img` reported success for every restore of the set, each with the wrong content. */
export const falseGreen: Question<RestoreSet> = {
  name: 'qemu-img succeeds and the content is wrong',
  judge: (journal, set) => {
    const entries = claimedRestores(journal, set)
    return all(
      entries.map((entry) => judgeFalseGreen(journal, entry)),
      `qemu-img exited with 0 although ${counted(entries.length, 'restore has', 'restores have')} other content than was backed up: ${coverageOf(journal, entries)}`,
    )
  },
}

function judgeFalseGreen(journal: readonly JournalEntry[], entry: RestoreEntry): Judgment {
  const { restore } = entry
  if (!restore.toolSucceeded) return fail(`qemu-img itself failed for ${nameOfRestore(restore)}`, [entry.seq])
  const content = judgeContent(journal, entry)
  if (content.verdict === 'pass') return fail(content.sentence, content.evidence)
  if (content.verdict === 'unknown') return content
  // Without a digest, "wrong content" would rest on the restore's own word alone.
  if (restore.digest === undefined)
    return unknown(`${nameOfRestore(restore)} has no digest of its content`, content.evidence)
  return pass(content.sentence, content.evidence)
}
