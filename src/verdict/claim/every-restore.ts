import { counted } from '../../text/plural.ts'
import { all, type Question } from '../question.ts'
import { coverageOf } from './coverage.ts'
import { type ExpectedReason, judgeFailure } from './failed-for.ts'
import { judgeContent } from './recorded-content.ts'
import { claimedRestores, type RestoreSet } from './restore-entries.ts'

/** Asks whether every restore of the set has the content that was recorded when its image was backed up. */
export const everyRestore: Question<RestoreSet> = {
  name: 'every restore has the content that was backed up',
  judge: (journal, set) => {
    const entries = claimedRestores(journal, set)
    return all(
      entries.map((entry) => judgeContent(journal, entry)),
      `${counted(entries.length, 'restore has its', 'restores have their')} recorded content: ${coverageOf(journal, entries)}`,
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
      `${counted(entries.length, 'restore fails', 'restores fail')} with "${expected.kind}": ${coverageOf(journal, entries)}`,
    )
  },
}
