import type { FoundWorkload } from '../scan/found.ts'
import type { Defect } from './defect.ts'
import { ageOf } from './snapshot-age.ts'
import { type SnapshotVerdict, snapshotVerdicts } from './snapshot-verdict.ts'
import type { ImageVerdict, JudgedImage } from './verdict.ts'

/** The NDJSON record of a workload: its owner, and the verdict on each of its snapshots, oldest first. */
export interface WorkloadRecord {
  readonly kind: 'workload'
  readonly workloadId: string
  readonly name?: string
  /** As recorded in `workload_db`. */
  readonly userId?: string
  readonly projectId?: string
  readonly isDeleted?: true
  /** True if only one VM was assessed. */
  readonly isOneVm?: true
  readonly snapshots: readonly SnapshotRecord[]
}

export interface SnapshotRecord extends Pick<SnapshotVerdict, 'snapshotId' | 'name' | 'state' | 'isNotOffered'> {
  /** When it was taken, in ISO 8601. Undefined if no valid date is recorded. */
  readonly date?: string
  /** Undefined without a date, or with one in the future. */
  readonly ageMs?: number
  readonly type?: string
  /** As recorded in `snapshot_db`: it differs from the workload's after an interrupted reassignment. */
  readonly projectId?: string
  /** Its disks: those whose content was read to the end, and those whose digest is the one recorded with the backup. */
  readonly disks: { readonly total: number; readonly read: number; readonly matched: number }
  /** The defect of its worst disk. Undefined if no disk has one. */
  readonly defect?: Pick<Defect, 'code' | 'why'> & { readonly vm?: string; readonly device: string }
  /** The origin paths that the site lacks. */
  readonly originPaths: readonly string[]
  readonly secrets: readonly string[]
}

export function workloadRecord(
  workload: FoundWorkload,
  images: readonly JudgedImage[],
  { nowMs, isOneVm }: { readonly nowMs: number; readonly isOneVm: boolean },
): WorkloadRecord {
  const record = workload.parts.find((part) => part.record !== undefined)?.record
  const disks = Map.groupBy(
    images.filter(({ verdict }) => verdict.role === 'disk'),
    ({ verdict }) => verdict.snapshotId,
  )
  const found = workload.parts.flatMap(({ snapshots }) => snapshots)
  return {
    kind: 'workload',
    workloadId: workload.workloadId,
    ...(record?.name !== undefined && { name: record.name }),
    ...(record?.userId !== undefined && { userId: record.userId }),
    ...(record?.projectId !== undefined && { projectId: record.projectId }),
    ...(record?.isDeleted && { isDeleted: true }),
    ...(isOneVm && { isOneVm: true }),
    snapshots: snapshotVerdicts(workload, images)
      .toSorted((a, b) => (a.takenMs ?? 0) - (b.takenMs ?? 0))
      .map((verdict) => {
        const facts = found.find(({ snapshotId, record }) => snapshotId === verdict.snapshotId && record)?.record
        const { type, projectId } = facts ?? {}
        return {
          ...snapshotRecord(verdict, disks.get(verdict.snapshotId) ?? [], nowMs),
          ...(type !== undefined && { type }),
          ...(projectId !== undefined && { projectId }),
        }
      }),
  }
}

function snapshotRecord(verdict: SnapshotVerdict, images: readonly JudgedImage[], nowMs: number): SnapshotRecord {
  const { snapshotId, name, takenMs, state, isNotOffered } = verdict
  // A disk that is on several targets restores from the best of them.
  const disks = [...Map.groupBy(images, (image) => image.verdict.resourceId).values()].map((copies) =>
    copies.reduce((best, one) => (quality(one) > quality(best) ? one : best)),
  )
  const verdicts = disks.map((disk) => disk.verdict)
  const worst = verdicts.find((one) => one.defect?.state === 'broken') ?? verdicts.find((one) => one.defect)
  const age = ageOf(takenMs, nowMs)
  return {
    snapshotId,
    ...(name !== undefined && { name }),
    ...(takenMs !== undefined && { date: new Date(takenMs).toISOString() }),
    ...(age !== undefined && { ageMs: age }),
    state,
    ...(isNotOffered && { isNotOffered }),
    disks: { total: disks.length, read: verdicts.filter(isRead).length, matched: disks.filter(isMatched).length },
    ...(worst?.defect && { defect: defectOf(worst, worst.defect) }),
    originPaths: [...new Set(verdicts.flatMap(({ needs }) => needs.map(({ originPath }) => originPath)))].sort(),
    secrets: [...new Set(verdicts.flatMap(({ secrets }) => secrets))].sort(),
  }
}

const isRead = ({ digest, depth }: ImageVerdict): boolean => digest !== undefined && depth === 'content'

const isMatched = ({ verdict, image }: JudgedImage): boolean =>
  isRead(verdict) && image?.row?.digest !== undefined && image.row.digest === verdict.digest

const states = ['broken', 'unknown', 'with-secret', 'after-recovery', 'restorable'] as const

const quality = ({ verdict }: JudgedImage): number => states.indexOf(verdict.state) * 2 + (isRead(verdict) ? 1 : 0)

const defectOf = ({ vm, device }: ImageVerdict, { code, why }: Defect): NonNullable<SnapshotRecord['defect']> => ({
  code,
  why,
  ...(vm !== undefined && { vm }),
  device,
})
