import type { JobWork } from '../job/job-worker.ts'
import type { WorkloadManager } from '../manager.ts'

/** Returns the work of each kind of job. Its code is loaded when the job runs. */
export function jobKinds(manager: WorkloadManager): Readonly<Record<string, JobWork>> {
  return {
    restore: async (job) => (await import('../restore/run-restore.ts')).runRestore(manager, job),
    snapshot: async (job) => (await import('../backup/run-snapshot.ts')).runSnapshot(manager, job),
    import: async (job) => (await import('../import/import-workloads.ts')).importWork(manager)(job),
  }
}
