import type { RestorableSnapshot } from '../handover-check.ts'
import { type FinishedAssessment, readAssessment } from '../notice/assessment-file.ts'
import { snapshotNotices } from '../notice/snapshot-notice.ts'

/**
 * Reads which workloads have a snapshot that is proven to restore, from the output of `assess --json`.
 * @throws InputError for another file, and for an assessment that did not end
 */
export async function readAssessedWorkloads(path: string): Promise<ReadonlyMap<string, RestorableSnapshot>> {
  return restorableIn(await readAssessment(path))
}

/** The newest snapshot that restores counts; without one, the newest that may. Its owner is notified by the same rules. */
function restorableIn({ workloads, depth, unseen }: FinishedAssessment): ReadonlyMap<string, RestorableSnapshot> {
  return new Map(
    workloads.map((workload) => {
      const notices = snapshotNotices(workload, depth)
      const best = (['restores', 'not proven'] as const)
        .map((standing) => notices.find((one) => one.standing === standing))
        .find((one) => one !== undefined)
      return [workload.workloadId.toLowerCase(), best ? standingOf(best) : withoutAny(unseen)]
    }),
  )
}

function standingOf({ standing, reason }: ReturnType<typeof snapshotNotices>[number]): RestorableSnapshot {
  return standing === 'restores' ? { standing } : { standing, message: reason }
}

/** What was not read may hold another snapshot. */
function withoutAny(unseen: readonly string[]): RestorableSnapshot {
  if (unseen.length === 0) return { standing: 'does not restore' }
  return { standing: 'not proven', message: `The assessment is incomplete: ${unseen[0]}` }
}
