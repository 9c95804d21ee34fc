import { fail, pass, type Question, unknown } from '../question.ts'
import { judgeContent } from './recorded-content.ts'
import { name, restoreOf } from './restores.ts'

/** Did the tool report success for a restore with the wrong content? */
export const falseGreen: Question<{ readonly restore?: string }> = {
  name: 'qemu-img succeeds and the content is wrong',
  judge: (journal, { restore: id }) => {
    const entry = restoreOf(journal, id)
    const { restore } = entry
    if (!restore.toolSucceeded) return fail(`qemu-img itself failed for ${name(restore)}`, [entry.seq])
    const content = judgeContent(journal, entry)
    if (content.verdict === 'pass') return fail(content.sentence, content.evidence)
    if (content.verdict === 'unknown') return content
    // Without a digest of its own, "wrong content" would only be what the restore says of itself.
    if (restore.digest === undefined)
      return unknown(`the content of ${name(restore)} was not digested`, content.evidence)
    return pass(`qemu-img exited with 0 although ${content.sentence}`, content.evidence)
  },
}
