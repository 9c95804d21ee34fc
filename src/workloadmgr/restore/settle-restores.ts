import { settleJobs } from '../job/settle-jobs.ts'
import type { StateStore } from '../store/state-store.ts'
import { isUnfinished } from './planned-restore.ts'

/**
 * Gives restores their final status whose job has ended without one: its process was killed, or the appliance lost its power.
 * The next restore on the same compute removes what they left there.
 */
export async function settleRestores(store: StateStore): Promise<void> {
  await settleJobs(store)
  for (const row of store.restores.list().filter(isUnfinished)) {
    const job = row.jobId === undefined ? undefined : store.jobs.find({ id: row.jobId })
    if (job === undefined || job.status === 'executing') continue
    const { status, errorText, finishedAt } = job
    const isOver = status === 'cancelled' || status === 'error'
    store.restores.change(
      { id: row.id, status: row.status },
      {
        status: isOver ? status : 'error',
        errorText: status === 'cancelled' ? undefined : (errorText ?? 'its job ended without a result'),
        finishedAt,
      },
    )
  }
}
