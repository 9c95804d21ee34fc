import type { JournalEntry } from '../../journal/journal.ts'
import { fail, type Judgement, pass, type Question, unknown } from '../question.ts'
import { backupOf, name, type RestoreEntry, restoreOf } from './restores.ts'

/** Does the restore have the content that was backed up? */
export const recordedContent: Question<{ readonly restore?: string }> = {
  name: 'the restore has the content that was backed up',
  judge: (journal, { restore }) => judgeContent(journal, restoreOf(journal, restore)),
}

/** Of one restore: content is compared with what was recorded, whatever the restore itself says of its success. */
export function judgeContent(journal: readonly JournalEntry[], entry: RestoreEntry): Judgement {
  const { restore } = entry
  if (restore.outcome === 'failed' && restore.reason?.kind !== 'wrong content') {
    const why = restore.reason?.sentence ?? 'for no known reason'
    return fail(`${name(restore)} could not be restored: ${why}`, [entry.seq])
  }
  const backup = backupOf(journal, entry)
  if (backup === undefined)
    return unknown(`nothing was recorded of ${name(restore)} when it was backed up`, [entry.seq])
  const evidence = [backup.seq, entry.seq]
  if (!isDigest(backup.image.digest)) return unknown(`the digest recorded of ${name(restore)} is none`, evidence)
  if (!isDigest(restore.digest)) return unknown(`the content of ${name(restore)} was not digested`, evidence)
  if (restore.digest !== backup.image.digest) {
    const digests = `${restore.digest.slice(0, 12)}… instead of ${backup.image.digest.slice(0, 12)}…`
    return fail(`${name(restore)} has other content than was backed up (${digests})`, evidence)
  }
  // Same content, yet said to have failed: one of the two is wrong, and nobody can tell which.
  if (restore.outcome === 'failed')
    return unknown(`${name(restore)} is said to have failed with the right content`, evidence)
  return pass(`${name(restore)} has the recorded content (${restore.digest.slice(0, 12)}…)`, evidence)
}

function isDigest(text: string | undefined): text is string {
  return text !== undefined && /^[0-9a-f]{64}$/.test(text)
}
