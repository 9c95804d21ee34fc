import type { WorkloadManager } from '../manager.ts'
import { ownerFields, type RecordOwner } from '../records/record-owner.ts'
import { rewriteWorkload } from '../records/rewrite-workload.ts'
import { isScheduleEnabled, withScheduleEnabled } from '../records/schedule-text.ts'
import type { SkippedRecord, WorkloadOnTarget } from '../records/target-records.ts'

/** A workload that has a new owner. */
export interface ReassignedWorkload extends Required<RecordOwner> {
  readonly id: string
  readonly name: string
  readonly target: string
  /** The number of its records that name the new owner. */
  readonly recordCount: number
  /** Records that could not be read, and keep whatever they contain. */
  readonly unreadable: readonly SkippedRecord[]
  /** False if the schedule was not understood: it may still be enabled. */
  readonly isScheduleDisabled: boolean
}

/** A workload whose records could not all be rewritten. */
export interface FailedReassignment {
  readonly id: string
  readonly error: string
  /** Records that name the new owner, and records that name the old one. */
  readonly changed: readonly string[]
  readonly unchanged: readonly string[]
}

/**
 * Gives a workload to a new owner: in the records of its snapshots, in its own record, and in the database. Its schedule is
 * disabled.
 * @param allow called before each write to the target; throws if it must not happen
 */
export async function reassignWorkload(
  { store }: WorkloadManager,
  { id, target, record }: WorkloadOnTarget,
  owner: Required<RecordOwner>,
  allow: () => void,
): Promise<ReassignedWorkload | FailedReassignment> {
  const executing = store.snapshots.find({ workloadId: id, status: 'executing' })
  if (executing !== undefined)
    return { id, error: `snapshot ${executing.id} is being taken`, changed: [], unchanged: [] }
  const schedule = record.jobschedule ?? ''
  const disabled = withScheduleEnabled(schedule, false)
  const edits = {
    ofWorkload: (one: typeof record) => ({
      fields: { ...ownerFields(one, owner), ...(disabled !== undefined && { jobschedule: disabled }) },
    }),
    ofSnapshot: (one: Parameters<typeof ownerFields>[0]) => ({ fields: ownerFields(one, owner) }),
  }
  const { changed, unchanged, unreadable, failure } = await rewriteWorkload({ id, target }, edits, allow)
  if (failure !== undefined) return { id, error: failure.message, changed, unchanged }
  store.transaction(() => {
    const { projectId, userId } = owner
    const updatedAt = new Date().toISOString()
    const newSchedule = disabled === undefined ? {} : { schedule: disabled }
    store.workloads.change({ id }, { projectId, userId, isScheduled: false, updatedAt, ...newSchedule })
    store.snapshots.change({ workloadId: id }, { projectId, userId })
  })
  return {
    id,
    name: record.display_name ?? '',
    target: target.name,
    ...owner,
    recordCount: changed.length,
    unreadable,
    isScheduleDisabled: isScheduleEnabled(disabled ?? schedule) === false || schedule === '',
  }
}
