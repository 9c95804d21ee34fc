import { isScheduleEnabled } from '../records/schedule-text.ts'
import type { KnownSnapshot, KnownWorkload } from '../store/state-schema.ts'

const hourMs = 3_600_000

/** The interval in a schedule, a text like `{'enabled': True, 'interval': '24hrs'}`. Undefined if it has none. */
export function intervalMsOf(schedule: string): number | undefined {
  const [, count, unit = ''] = /['"]interval['"]\s*:\s*['"]?(\d+)\s*(h|hrs?|hours?|d|days?)?['"]?/i.exec(schedule) ?? []
  const hours = Number(count) * (/^d/i.test(unit) ? 24 : 1)
  return hours > 0 ? hours * hourMs : undefined
}

/**
 * Returns the workloads whose next backup is due: the schedule is enabled, and the last available snapshot is as old as its
 * interval, or there is none. Reassignment disables schedules, so a reassigned workload is never due.
 */
export function dueWorkloads(
  workloads: readonly KnownWorkload[],
  snapshots: readonly KnownSnapshot[],
  now: Date,
): readonly KnownWorkload[] {
  return workloads.filter(({ id, isDeleted, isScheduled, schedule = '' }) => {
    const intervalMs = intervalMsOf(schedule)
    if (isDeleted || !isScheduled || isScheduleEnabled(schedule) === false || intervalMs === undefined) return false
    const last = latestOf(snapshots.filter(({ workloadId }) => workloadId === id))
    return last === undefined || now.getTime() - Date.parse(last.createdAt) >= intervalMs
  })
}

/** The latest snapshot: the newest of those that are available [pub]. Undefined if there is none. */
export function latestOf(snapshots: readonly KnownSnapshot[]): KnownSnapshot | undefined {
  return inOrder(snapshots).at(-1)
}

/** The available snapshots, the oldest first. */
export function inOrder(snapshots: readonly KnownSnapshot[]): readonly KnownSnapshot[] {
  return snapshots
    .filter(({ status, isDeleted }) => status === 'available' && !isDeleted)
    .toSorted((one, other) => Date.parse(one.createdAt) - Date.parse(other.createdAt))
}
