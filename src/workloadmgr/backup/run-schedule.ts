import { DrillError } from '../../errors.ts'
import type { StartOptions } from '../job/start-job.ts'
import type { WorkloadManager } from '../manager.ts'
import type { KnownSnapshot, KnownWorkload } from '../store/state-schema.ts'
import { dueWorkloads } from './backup-schedule.ts'
import { requestSnapshot } from './request-snapshot.ts'

/** A workload whose backup is due: the snapshot that was started, or why not. */
export interface ScheduleOutcome {
  readonly workload: KnownWorkload
  readonly snapshot?: KnownSnapshot
  readonly problem?: string
}

/** Starts the scheduled snapshots that are due, in the name of the owners of the workloads. */
export async function runSchedule(
  manager: WorkloadManager,
  now: Date,
  start: Partial<StartOptions> = {},
): Promise<readonly ScheduleOutcome[]> {
  const outcomes: ScheduleOutcome[] = []
  for (const workload of dueWorkloads(manager.store.workloads.list(), manager.store.snapshots.list(), now)) {
    try {
      const { id: workloadId, name } = workload
      const request = { workloadId, name: `${name} by schedule` }
      outcomes.push({ workload, snapshot: await requestSnapshot(manager, workload, request, start) })
    } catch (error) {
      if (!(error instanceof DrillError) || error.blame === 'machine') throw error
      outcomes.push({ workload, problem: error.message })
    }
  }
  return outcomes
}
