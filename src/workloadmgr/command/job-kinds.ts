import type { JobWork } from '../job/job-worker.ts'
import type { WorkloadManager } from '../manager.ts'

/** Returns the work of each kind of job. Its code is loaded when the job runs. */
export function jobKinds(manager: WorkloadManager): Readonly<Record<string, JobWork>> {
  return {
    import: async (job) => (await import('../import/import-workloads.ts')).importWork(manager)(job),
  }
}
