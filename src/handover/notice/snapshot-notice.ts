import type { AssessedSnapshot, AssessedWorkload, FinishedAssessment } from './assessment-file.ts'
import { reasonNotOffered, reasonOf } from './plain-reason.ts'

/** `restores` is claimed only of a snapshot whose disks were all read to the end. */
export type Standing = 'restores' | 'not proven' | 'does not restore'

/** The result for one snapshot, for its owner. */
export interface SnapshotNotice {
  readonly snapshotId: string
  readonly name?: string
  readonly type?: string
  /** In ISO 8601, UTC. */
  readonly date?: string
  /** At the time of the assessment. */
  readonly ageMs?: number
  readonly standing: Standing
  /** One or more sentences. */
  readonly reason: string
}

/** The snapshots of a workload that are not deleted, newest first. */
export function snapshotNotices(
  workload: AssessedWorkload,
  depth: FinishedAssessment['depth'],
): readonly SnapshotNotice[] {
  return workload.snapshots
    .filter(({ isNotOffered }) => isNotOffered !== 'deleted')
    .map((snapshot): SnapshotNotice => {
      const { snapshotId, name, type, date, ageMs } = snapshot
      return {
        snapshotId,
        ...(name !== undefined && { name }),
        ...(type !== undefined && { type }),
        ...(date !== undefined && { date }),
        ...(ageMs !== undefined && { ageMs }),
        ...standingOf(snapshot, workload, depth),
      }
    })
    .toReversed()
}

function standingOf(
  { state, isNotOffered, defect, projectId, disks }: AssessedSnapshot,
  workload: AssessedWorkload,
  depth: FinishedAssessment['depth'],
): Pick<SnapshotNotice, 'standing' | 'reason'> {
  const bad = (reason: string) => ({ standing: 'does not restore', reason }) as const
  const open = (reason: string) => ({ standing: 'not proven', reason }) as const
  if (isNotOffered !== undefined) return bad(reasonNotOffered(isNotOffered))
  if (state === 'broken') return bad(reasonOf(defect, 'A part of its data cannot be restored.'))
  if (projectId !== undefined && workload.projectId !== undefined && projectId !== workload.projectId)
    return open('Its records name another project than those of the workload. Its handover is not finished.')
  if (workload.isOneVm) return open('Only one of its VMs was checked.')
  if (state === 'unknown') return open(reasonOf(defect, 'It could not be checked.'))
  if (state === 'with-secret') return open('It is encrypted, and the check did not have its secret.')
  if (state === 'after-recovery')
    return open('This site does not have the directory yet under which a part of its data was written.')
  if (depth !== 'content' || disks.total === 0 || disks.read < disks.total)
    return open(
      disks.read > 0
        ? `${disks.read} of its ${disks.total} disks were read.`
        : 'The content of its disks was not read.',
    )
  const several = disks.total === 2 ? 'Both disks were' : `All ${disks.total} disks were`
  const which = disks.total === 1 ? 'Its disk was' : several
  return {
    standing: 'restores',
    reason:
      disks.matched === disks.total
        ? `${which} read to the end, and the content is what was backed up.`
        : `${which} read to the end. The backup has no checksum to compare the content with.`,
  }
}
