import type { FoundSnapshot, FoundWorkload } from '../scan/found.ts'
import type { State } from './chain.ts'
import type { ImageVerdict, JudgedImage } from './verdict.ts'

/** What is said of a snapshot as a whole: of all its disks, wherever they are. */
export interface SnapshotVerdict {
  readonly snapshotId: string
  readonly name?: string
  /** Milliseconds since 1970, as recorded. */
  readonly takenMs?: number
  /** The worst of its disks. */
  readonly state: State
  /** Why it is not one to be restored by the product, whatever its disks are. */
  readonly isNotOffered?: 'deleted' | 'not available' | 'its record cannot be read' | 'no disks'
}

const order: readonly State[] = ['restorable', 'after-recovery', 'unknown', 'broken']
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
  return [...found].map(([snapshotId, parts]) => snapshotVerdict(snapshotId, parts, disks.get(snapshotId) ?? []))
}

function snapshotVerdict(
  snapshotId: string,
  parts: readonly FoundSnapshot[],
  disks: readonly ImageVerdict[],
): SnapshotVerdict {
  const record = parts.find((part) => part.record !== undefined)?.record
  const takenMs = record?.createdAt === undefined ? undefined : momentOf(record.createdAt)
  const isUnread = parts.some(({ unread }) => unread !== undefined)
  // A disk that is on several targets restores from the best of them.
  const states = [...Map.groupBy(disks, ({ resourceId }) => resourceId).values()].map((copies) =>
    copies.map(({ state }) => state).reduce(better),
  )
  const status = record?.status?.toLowerCase()
  const isNotOffered = record?.isDeleted
    ? 'deleted'
    : record === undefined
      ? 'its record cannot be read'
      : status !== undefined && status !== 'available'
        ? 'not available'
        : disks.length === 0
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

/** The product writes times without a zone, and means UTC. */
function momentOf(text: string): number | undefined {
  const hasZone = /(?:Z|[+-]\d\d:?\d\d)$/i.test(text)
  const ms = Date.parse(hasZone ? text : `${text.trim().replace(' ', 'T')}Z`)
  return Number.isNaN(ms) ? undefined : ms
}
