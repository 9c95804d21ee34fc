import type { FoundSnapshot, FoundWorkload } from '../scan/found.ts'
import type { State } from './judged-chain.ts'
import { isMinor } from './minor-record.ts'
import { momentOf } from './snapshot-age.ts'
import type { ImageVerdict, JudgedImage } from './verdict.ts'

/** Why the product offers no restore of a snapshot. */
export type NotOffered = 'deleted' | 'not available' | 'incomplete records' | 'no disks'

/** The verdict on a snapshot as a whole: on all its disks, on all targets. */
export interface SnapshotVerdict {
  readonly snapshotId: string
  readonly name?: string
  /** Milliseconds since 1970, as recorded. */
  readonly takenMs?: number
  /** The worst of its disks. */
  readonly state: State
  /** Undefined if the product offers it. */
  readonly isNotOffered?: NotOffered
}

const order: readonly State[] = ['restorable', 'after-recovery', 'with-secret', 'unknown', 'broken']
const worse = (a: State, b: State): State => (order.indexOf(a) > order.indexOf(b) ? a : b)
const better = (a: State, b: State): State => (order.indexOf(a) < order.indexOf(b) ? a : b)

export function snapshotVerdicts(workload: FoundWorkload, images: readonly JudgedImage[]): readonly SnapshotVerdict[] {
  const disks = Map.groupBy(
    images.flatMap(({ verdict }) => (verdict.role === 'disk' ? verdict : [])),
    ({ snapshotId }) => snapshotId,
  )
  const found = Map.groupBy(
    workload.parts.flatMap(({ snapshots }) => snapshots),
    ({ snapshotId }) => snapshotId,
  )
  const isImported =
    workload.parts.some(({ record }) => record !== undefined) && workload.parts.some(({ hasVms }) => hasVms)
  return [...found].map(([snapshotId, parts]) =>
    snapshotVerdict(snapshotId, parts, disks.get(snapshotId) ?? [], isImported && parts.some(hasAllRecords)),
  )
}

/** Without these records the product does not import a snapshot, and its disks are unknown. */
function hasAllRecords({ record, vmNames, resources, disks, problems }: FoundSnapshot): boolean {
  return (
    record !== undefined &&
    vmNames !== undefined &&
    resources !== undefined &&
    disks.every(({ rows, unread }) => rows !== undefined || unread !== undefined) &&
    problems.every(isMinor)
  )
}

function snapshotVerdict(
  snapshotId: string,
  parts: readonly FoundSnapshot[],
  disks: readonly ImageVerdict[],
  isRecorded: boolean,
): SnapshotVerdict {
  const record = parts.find((part) => part.record !== undefined)?.record
  const takenMs = momentOf(record?.createdAt)
  const isUnread = parts.some(({ unread }) => unread !== undefined)
  // A disk that is on several targets restores from the best of them.
  const states = [...Map.groupBy(disks, ({ resourceId }) => resourceId).values()].map((copies) =>
    copies.map(({ state }) => state).reduce(better),
  )
  const status = record?.status?.toLowerCase()
  const isNotOffered = record?.isDeleted
    ? 'deleted'
    : status !== undefined && status !== 'available'
      ? 'not available'
      : !isRecorded
        ? 'incomplete records'
        : disks.length === 0 && !isUnread
          ? 'no disks'
          : undefined
  return {
    snapshotId,
    ...(record?.name !== undefined && { name: record.name }),
    ...(takenMs !== undefined && { takenMs }),
    state: states.reduce(worse, isUnread || disks.length === 0 ? 'unknown' : 'restorable'),
    ...(isNotOffered && { isNotOffered }),
  }
}

/** The disks that can be restored. A deleted snapshot is kept only because others read through it. */
export function restoresIn(
  verdicts: readonly ImageVerdict[],
  snapshots: readonly SnapshotVerdict[],
): readonly ImageVerdict[] {
  const deleted = new Set(
    snapshots.flatMap(({ snapshotId, isNotOffered }) => (isNotOffered === 'deleted' ? [snapshotId] : [])),
  )
  return verdicts.filter(({ role, snapshotId }) => role === 'disk' && !deleted.has(snapshotId))
}
