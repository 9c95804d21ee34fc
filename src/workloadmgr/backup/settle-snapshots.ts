import { settleJobs } from '../job/settle-jobs.ts'
import type { StateStore } from '../store/state-store.ts'

/** Gives snapshots their final status whose job has ended without one. Files that they left on the target do not make a snapshot. */
export async function settleSnapshots(store: StateStore): Promise<void> {
  await settleJobs(store)
  for (const { id, jobId } of store.snapshots.list({ status: 'executing' })) {
    const job = jobId === undefined ? undefined : store.jobs.find({ id: jobId })
    if (job === undefined || job.status === 'executing') continue
    const status = job.status === 'cancelled' ? 'cancelled' : 'error'
    const errorText = status === 'error' ? (job.errorText ?? 'its job ended without a result') : undefined
    store.snapshots.change({ id, status: 'executing' }, { status, errorText, finishedAt: job.finishedAt })
  }
}
