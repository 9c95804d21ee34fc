import { all, type Question, UnjudgeableError } from '../question.ts'
import { type ExpectedReason, judgeFailure } from './failed-for.ts'
import { judgeContent } from './recorded-content.ts'
import { claimedRestores, type RestoreSet } from './restore-entries.ts'

/** Asks whether every image, restored on every node that is claimed, has its recorded content. */
export const everyRestore: Question<RestoreSet> = {
  name: 'every restore has the content that was backed up',
  judge: (journal, set) => {
    const entries = claimedRestores(journal, set)
    const judgments = entries.map((entry) => judgeContent(journal, entry))
    return all(judgments, `${entries.length} restores have their recorded content on ${set.nodes.join(', ')}`)
  },
}

/** Asks whether all incrementals fail for one reason, while all full snapshots restore with their content. */
export const onlyFullsRestore: Question<RestoreSet & ExpectedReason> = {
  name: 'full snapshots restore and every incremental fails for the expected reason',
  judge: (journal, expected) => {
    const entries = claimedRestores(journal, expected)
    const fulls = entries.filter(({ restore }) => restore.image.type === 'full')
    const incrementals = entries.filter(({ restore }) => restore.image.type === 'incremental')
    if (fulls.length === 0) throw new UnjudgeableError('no full snapshot was restored')
    if (incrementals.length === 0) throw new UnjudgeableError('no incremental snapshot was restored')
    const judgments = [
      ...fulls.map((entry) => judgeContent(journal, entry)),
      ...incrementals.map((entry) => judgeFailure(entry, expected)),
    ]
    return all(
      judgments,
      `${fulls.length} full restores have their recorded content, ${incrementals.length} incremental ones fail with "${expected.kind}"`,
    )
  },
}

/** Asks whether all restores of the set fail for one reason. */
export const everyRestoreFails: Question<RestoreSet & ExpectedReason> = {
  name: 'every restore fails for the expected reason',
  judge: (journal, expected) => {
    const entries = claimedRestores(journal, expected)
    return all(
      entries.map((entry) => judgeFailure(entry, expected)),
      `${entries.length} restores fail with "${expected.kind}"`,
    )
  },
}
