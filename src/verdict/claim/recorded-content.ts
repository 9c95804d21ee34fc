import type { JournalEntry } from '../../journal/journal.ts'
import { fail, type Judgment, pass, unknown } from '../question.ts'
import { backupOf, nameOfRestore, type RestoreEntry } from './restore-entries.ts'

/** Judges one restore by its digest and the recorded one, whatever the restore itself reports. */
export function judgeContent(journal: readonly JournalEntry[], entry: RestoreEntry): Judgment {
  const { restore } = entry
  const name = nameOfRestore(restore)
  if (restore.outcome === 'failed' && restore.reason?.kind !== 'wrong content') {
    return fail(`${name} was not restored: ${restore.reason?.sentence ?? 'unknown reason'}`, [entry.seq])
  }
  const backup = backupOf(journal, entry)
  if (backup === undefined) return unknown(`${name} has no record of its backup`, [entry.seq])
  const evidence = [backup.seq, entry.seq]
  if (!isDigest(backup.image.digest)) return unknown(`the recorded digest of ${name} is not valid`, evidence)
  if (!isDigest(restore.digest)) return unknown(`${name} has no digest of its content`, evidence)
  if (restore.digest !== backup.image.digest) {
    const digests = `${restore.digest.slice(0, 12)}… instead of ${backup.image.digest.slice(0, 12)}…`
    return fail(`${name} has other content than was backed up (${digests})`, evidence)
  }
  // The content is right, yet the restore is recorded as failed: one of the two is wrong, and which is unknown.
  if (restore.outcome === 'failed') return unknown(`${name} is recorded as failed, but has the right content`, evidence)
  return pass(`${name} has the recorded content (${restore.digest.slice(0, 12)}…)`, evidence)
}

function isDigest(text: string | undefined): text is string {
  return text !== undefined && /^[0-9a-f]{64}$/.test(text)
}
