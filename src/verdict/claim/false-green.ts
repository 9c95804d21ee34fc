import { fail, pass, type Question, unknown } from '../question.ts'
import { judgeContent } from './recorded-content.ts'
import { nameOfRestore, restoreOf } from './restore-entries.ts'

/** Asks whether `qemu-img` reported success for a restore with the wrong content. */
export const falseGreen: Question<{ readonly restore?: string }> = {
  name: 'qemu-img succeeds and the content is wrong',
  judge: (journal, { restore: id }) => {
    const entry = restoreOf(journal, id)
    const { restore } = entry
    if (!restore.toolSucceeded) return fail(`qemu-img itself failed for ${nameOfRestore(restore)}`, [entry.seq])
    const content = judgeContent(journal, entry)
    if (content.verdict === 'pass') return fail(content.sentence, content.evidence)
    if (content.verdict === 'unknown') return content
    // Without a digest, "wrong content" would rest on the restore's own word alone.
    if (restore.digest === undefined) {
      return unknown(`${nameOfRestore(restore)} has no digest of its content`, content.evidence)
    }
    return pass(`qemu-img exited with 0 although ${content.sentence}`, content.evidence)
  },
}
