import { createHash } from 'node:crypto'
import type { CloudUser, People } from '../../identity/people.ts'
import type { AssessedWorkload, FinishedAssessment } from './assessment-file.ts'
import { type SnapshotNotice, snapshotNotices } from './snapshot-notice.ts'

export interface WorkloadNotice {
  readonly workloadId: string
  readonly name: string
  readonly project: string
  /** True if the owner has no role in the project, and so cannot restore. */
  readonly isOutside: boolean
  /** Newest first. */
  readonly snapshots: readonly SnapshotNotice[]
}

/** The workloads of one user, and their snapshots. */
export interface Notice {
  readonly userId: string
  readonly user: string
  /** As the identity service has it: not checked yet. */
  readonly address: string
  readonly cloud: string
  /** When the backups were checked, in ISO 8601, UTC. */
  readonly date: string
  readonly isComplete: boolean
  readonly workloads: readonly WorkloadNotice[]
}

/** An owner who cannot be written to. */
export interface Unreachable {
  /** Undefined if no record names an owner. */
  readonly userId?: string
  readonly user?: string
  readonly why: string
  /** Names of workloads. */
  readonly workloads: readonly string[]
}

export interface Notices {
  readonly notices: readonly Notice[]
  readonly unreachable: readonly Unreachable[]
}

const nameOf = ({ name, workloadId }: AssessedWorkload): string => name ?? workloadId

/** Returns a notice for each owner of workloads that are not deleted, and the owners who cannot be written to. */
export function makeNotices(assessment: FinishedAssessment, people: People, cloud: string): Notices {
  const owned = Map.groupBy(
    assessment.workloads.filter(({ isDeleted }) => !isDeleted),
    ({ userId }) => userId,
  )
  const notices: Notice[] = []
  const unreachable: Unreachable[] = []
  for (const [userId, workloads] of owned) {
    const user = userId === undefined ? undefined : people.user(userId)
    const why = whyUnreachable(userId, user, cloud)
    if (user?.email !== undefined && why === undefined)
      notices.push({
        userId: user.id,
        user: user.name,
        address: user.email,
        cloud,
        date: assessment.date,
        isComplete: assessment.unseen.length === 0,
        workloads: workloads.map((one) => workloadNotice(one, user, people, assessment)).toSorted(worstFirst),
      })
    else
      unreachable.push({
        ...(userId !== undefined && { userId }),
        ...(user && { user: user.name }),
        why: why ?? 'unknown',
        workloads: workloads.map(nameOf).sort(),
      })
  }
  const byUser = (a: { readonly user?: string }, b: { readonly user?: string }) =>
    (a.user ?? '').localeCompare(b.user ?? '', 'en')
  return { notices: notices.toSorted(byUser), unreachable: unreachable.toSorted(byUser) }
}

function whyUnreachable(userId: string | undefined, user: CloudUser | undefined, cloud: string): string | undefined {
  if (userId === undefined) return 'its record names no owner'
  if (user === undefined) return `cloud ${cloud} has no such user`
  if (!user.isEnabled) return 'the user is disabled'
  return user.email === undefined ? 'the user has no mail address' : undefined
}

function workloadNotice(
  workload: AssessedWorkload,
  user: CloudUser,
  people: People,
  { depth }: FinishedAssessment,
): WorkloadNotice {
  const { workloadId, projectId } = workload
  return {
    workloadId,
    name: nameOf(workload),
    project: (projectId === undefined ? undefined : (people.project(projectId)?.name ?? projectId)) ?? 'unknown',
    isOutside: projectId === undefined || people.rolesOf(user.id, projectId).size === 0,
    snapshots: snapshotNotices(workload, depth),
  }
}

const hasRestoring = ({ snapshots }: WorkloadNotice): boolean =>
  snapshots.some(({ standing }) => standing === 'restores')

const worstFirst = (a: WorkloadNotice, b: WorkloadNotice): number =>
  Number(hasRestoring(a)) - Number(hasRestoring(b)) ||
  a.name.localeCompare(b.name, 'en') ||
  a.workloadId.localeCompare(b.workloadId, 'en')

/**
 * Identifies what a notice states, and to whom: 64 hexadecimal digits. The date of the check and the ages are not part of
 * it, so that a new check with the same result is no reason to write again.
 */
export function keyOf({ date: _, ...notice }: Notice): string {
  const workloads = notice.workloads.map(({ snapshots, ...workload }) => ({
    ...workload,
    snapshots: snapshots.map(({ ageMs: _, ...snapshot }) => snapshot),
  }))
  return createHash('sha256')
    .update(JSON.stringify({ ...notice, workloads }))
    .digest('hex')
}

/** How many of the workloads have a snapshot that is proven to restore. */
export const restoringIn = ({ workloads }: Pick<Notice, 'workloads'>): number => workloads.filter(hasRestoring).length
