import { InputError, MachineError } from '../../errors.ts'
import { runJobHere } from '../job/start-job.ts'
import { requireLicense } from '../license.ts'
import type { WorkloadManager } from '../manager.ts'
import { rewriteWorkload } from '../records/rewrite-workload.ts'
import { withScheduleEnabled } from '../records/schedule-text.ts'
import type { KnownWorkload } from '../store/state-schema.ts'
import { takeLeases } from '../target/take-leases.ts'

/**
 * Enables or disables the schedule of a workload, in its record and in the database.
 * @throws InputError without a license, or for a workload that does not exist or has no schedule; MachineError if its record
 * cannot be rewritten
 */
export async function enableSchedule(
  manager: WorkloadManager,
  workloadId: string,
  isEnabled: boolean,
): Promise<KnownWorkload> {
  requireLicense(manager)
  const { store, targets } = manager
  const row = store.workloads.find({ id: workloadId, isDeleted: false })
  if (row === undefined) throw new InputError(`workload ${workloadId} does not exist`)
  const schedule = withScheduleEnabled(row.schedule ?? '', isEnabled)
  const target = targets.find(({ name }) => name === row.target)
  if (schedule === undefined || target === undefined)
    throw new InputError(
      schedule === undefined
        ? `the schedule of workload ${workloadId} has no value \`enabled\``
        : `backup target ${row.target} of workload ${workloadId} does not exist`,
    )
  const edits = {
    ofWorkload: (record: { readonly jobschedule?: string | null }) => {
      const written = withScheduleEnabled(record.jobschedule ?? '', isEnabled)
      return { fields: written === undefined ? {} : { jobschedule: written } }
    },
    ofSnapshot: () => ({}),
  }
  const request = { kind: 'schedule', arguments: { workloadId, isEnabled } }
  await runJobHere(store, request, async (job) => {
    await using leases = await takeLeases(manager, [target], job)
    const allow = () => leases.assertHeld(target)
    const { failure, unreadable } = await rewriteWorkload({ id: workloadId, target }, edits, allow)
    const problem = failure?.message ?? unreadable.find(({ path }) => path.endsWith('/workload_db'))?.message
    if (problem !== undefined)
      throw new MachineError('schedule', `cannot change the schedule of workload ${workloadId}: ${problem}`)
    const updatedAt = new Date().toISOString()
    store.workloads.change({ id: workloadId }, { schedule, isScheduled: isEnabled, updatedAt })
  })
  return store.workloads.find({ id: workloadId }) ?? row
}
