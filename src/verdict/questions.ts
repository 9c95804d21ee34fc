import type { Finding, JournalEntry } from '../journal/journal.ts'
import { everySnapshotRestored } from './claim/coverage.ts'
import { everyRestore, everyRestoreFails } from './claim/every-restore.ts'
import { objectivesMet, teamFinishes } from './claim/exercise-claims.ts'
import { falseGreen } from './claim/false-green.ts'
import { recoveryPoint, recoveryTime } from './claim/objectives.ts'
import { phaseTimes } from './claim/phase-times.ts'
import { everyFailureExamined } from './claim/unexamined.ts'
import {
  everyMailIsValid,
  hasMailCount,
  mailDoesNotMention,
  mailStates,
  mails,
  noneHasTwoMails,
  notificationReports,
  notifiedUsers,
  notifyExit,
} from './observation/mail.ts'
import {
  everyManagerRunExamined,
  managerFails,
  managerJobEnds,
  managerJobs,
  managerPrints,
  managerRuns,
  managerSucceeds,
} from './observation/manager-run.ts'
import { namedParents, namesParentsUnder } from './observation/named-parent.ts'
import { kernelRelease, mountTable, nodePower, qemuVersion, siteNodes, topologyFile } from './observation/node-facts.ts'
import { leftBehind, nothingLeft } from './observation/nothing-left.ts'
import { restoreEnds, restoreEndsAs, restoreIsRefused } from './observation/restore-end.ts'
import {
  everyRunbookExamined,
  runbookEnds,
  runbookEndsWith,
  runbookFiles,
  runbookOutput,
} from './observation/runbook-end.ts'
import { eachScenarioOnce, mergedShards } from './observation/shards.ts'
import { snapshotEnds, snapshotEndsAs } from './observation/snapshot-end.ts'
import { looksHealthy } from './observation/tool-run.ts'
import { listContains, listIsEmpty, printedLists } from './observation/workload-list.ts'
import {
  databaseNamesOwner,
  recordsNameOwner,
  recordsNameShare,
  scheduleIs,
  siteKnowsWorkload,
  workloadStates,
} from './observation/workload-state.ts'
import { type AnyQuestion, about } from './question.ts'

/** The menu of questions. Those of an observation that is defined elsewhere are in its `questions`. */
export const questions: readonly AnyQuestion[] = [
  everySnapshotRestored,
  everyRestore,
  everyRestoreFails,
  falseGreen,
  looksHealthy,
  phaseTimes,
  recoveryTime,
  recoveryPoint,
  nothingLeft,
  eachScenarioOnce,
  everyFailureExamined,
  runbookEndsWith,
  everyRunbookExamined,
  teamFinishes,
  objectivesMet,
  managerSucceeds,
  managerFails,
  managerPrints,
  managerJobEnds,
  everyManagerRunExamined,
  recordsNameOwner,
  recordsNameShare,
  databaseNamesOwner,
  siteKnowsWorkload,
  scheduleIs,
  listContains,
  listIsEmpty,
  ...[
    kernelRelease,
    mountTable,
    nodePower,
    qemuVersion,
    siteNodes,
    topologyFile,
    leftBehind,
    mergedShards,
    runbookEnds,
    runbookFiles,
    runbookOutput,
  ].flatMap((one) => one.questions),
  restoreEndsAs,
  restoreIsRefused,
  snapshotEndsAs,
  namesParentsUnder,
  ...[restoreEnds, snapshotEnds, namedParents].flatMap((one) => one.questions),
  hasMailCount,
  noneHasTwoMails,
  everyMailIsValid,
  mailStates,
  mailDoesNotMention,
  notificationReports,
  ...[mails, notifiedUsers, notifyExit].flatMap((one) => one.questions),
  ...[managerRuns, managerJobs, workloadStates, printedLists].flatMap((one) => one.questions),
]

/**
 * Judges every recorded expectation again, each by the entries before it.
 * @param journal of one drill
 * @param menu of the questions that the drill may have asked
 */
export function rejudge(
  journal: readonly JournalEntry[],
  menu: readonly AnyQuestion[] = questions,
): readonly Finding[] {
  const byName = new Map(menu.map((question) => [question.name, question]))
  return journal.flatMap((entry, index) => {
    if (entry.kind !== 'expectation') return []
    const question = byName.get(entry.question)
    if (question === undefined) {
      return [{ verdict: 'unknown', question: entry.question, sentence: 'unknown question', evidence: [] }]
    }
    return [about(question, entry.expected)(journal.slice(0, index))]
  })
}
