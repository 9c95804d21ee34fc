import type { FoundPart, FoundSnapshot, FoundWorkload } from '../assess/scan/found.ts'
import type { RecordProblem } from '../target/record-files.ts'
import { isSameOwner, type RecordOwner } from '../workloadmgr/records/record-owner.ts'
import { isScheduleEnabled } from '../workloadmgr/records/schedule-text.ts'

/** A workload on the targets, with all that its records have about its owner. */
export interface OwnedWorkload {
  readonly id: string
  readonly name?: string
  /** Indexes of the targets that it is on. */
  readonly targets: readonly number[]
  /** The owner in `workload_db`. Empty if it cannot be read. */
  readonly owner: RecordOwner
  /** The names of its owner in the metadata of the record. */
  readonly names: { readonly project?: string; readonly user?: string }
  readonly isEncrypted: boolean
  readonly isDeleted: boolean
  /** `none` without a schedule, `unknown` for a text that is not understood. */
  readonly schedule: 'enabled' | 'disabled' | 'none' | 'unknown'
  readonly snapshots: readonly OwnedSnapshot[]
  /** Why `workload_db` has no owner. Undefined if it has one. */
  readonly trouble?: RecordTrouble
}

export interface OwnedSnapshot {
  readonly id: string
  readonly owner: RecordOwner
  readonly trouble?: RecordTrouble
}

/** A record without an owner: it does not exist, is damaged, or could not be read. */
export interface RecordTrouble {
  readonly kind: 'missing' | 'damaged' | 'unread'
  /** Names the file. */
  readonly message: string
}

/** Gathers what a scan for owners found of a workload on all targets. */
export function ownedWorkload({ workloadId, parts }: FoundWorkload): OwnedWorkload {
  const read = parts.filter(({ record }) => record !== undefined)
  const record = read[0]?.record
  const { projectId, userId } = record ?? {}
  const { schedule, projectName, userName } = record?.owner ?? {}
  const owner = { ...(projectId && { projectId }), ...(userId && { userId }) }
  const trouble = troubleOf(workloadId, parts, owner)
  return {
    id: workloadId,
    ...(record?.name !== undefined && { name: record.name }),
    targets: parts.map(({ target }) => target),
    owner,
    names: {
      ...(projectName !== undefined && { project: projectName }),
      ...(userName !== undefined && { user: userName }),
    },
    isEncrypted: record?.isEncrypted === true,
    isDeleted: record?.isDeleted === true || record?.status === 'deleted',
    schedule: scheduleOf(schedule),
    snapshots: [
      // On a second target, the record of the workload itself is one more that must agree.
      ...read.slice(1).map((part) => ({ id: `${workloadId} on another target`, owner: ownerOf(part) })),
      ...parts.flatMap((part) => part.snapshots.map((one) => ownedSnapshot(workloadId, one))),
    ],
    ...(trouble && { trouble }),
  }
}

/** The distinct owners in the records of a workload: several after a reassignment that was interrupted. */
export function ownersOf({ owner, snapshots }: OwnedWorkload): readonly RecordOwner[] {
  const owners = [owner]
  for (const one of snapshots)
    if (one.trouble === undefined && !owners.some((known) => isSameOwner(known, one.owner))) owners.push(one.owner)
  return owners
}

function ownerOf({ record }: FoundPart): RecordOwner {
  const { projectId, userId } = record ?? {}
  return { ...(projectId && { projectId }), ...(userId && { userId }) }
}

function scheduleOf(text: string | undefined): OwnedWorkload['schedule'] {
  if (text === undefined || text.trim() === '') return 'none'
  const isEnabled = isScheduleEnabled(text)
  if (isEnabled === undefined) return 'unknown'
  return isEnabled ? 'enabled' : 'disabled'
}

function ownedSnapshot(workloadId: string, { snapshotId, record, problems, unread }: FoundSnapshot): OwnedSnapshot {
  const file = `workload_${workloadId}/snapshot_${snapshotId}/snapshot_db`
  const { projectId, userId } = record ?? {}
  const trouble =
    unread === undefined
      ? troubleIn(file, problems, record !== undefined)
      : { kind: 'unread' as const, message: unread }
  return {
    id: snapshotId,
    owner: { ...(projectId && { projectId }), ...(userId && { userId }) },
    ...(trouble && { trouble }),
  }
}

function troubleOf(id: string, parts: readonly FoundPart[], owner: RecordOwner): RecordTrouble | undefined {
  const file = `workload_${id}/workload_db`
  const isRead = parts.some(({ record }) => record !== undefined)
  if (!isRead) {
    const unread = parts.find((part) => part.unread !== undefined)?.unread
    if (unread !== undefined) return { kind: 'unread', message: `workload_${id}: ${unread}` }
    const odd = parts.flatMap(({ oddities }) => oddities).find(({ path }) => path === file)
    if (odd !== undefined) return { kind: 'unread', message: `${file}: ${odd.message ?? odd.kind}` }
  }
  const problems = parts.flatMap((part) => part.problems).filter((problem) => problem.file === file)
  const trouble = troubleIn(file, problems, isRead)
  if (trouble !== undefined) return trouble
  const lacking = [...(owner.projectId ? [] : ['project']), ...(owner.userId ? [] : ['user'])]
  return lacking.length === 0
    ? undefined
    : { kind: 'damaged', message: `${file}: names no ${lacking.join(' and no ')}` }
}

function troubleIn(file: string, problems: readonly RecordProblem[], isRead: boolean): RecordTrouble | undefined {
  if (isRead) return undefined
  const [first] = problems
  if (first === undefined) return { kind: 'missing', message: `${file} does not exist` }
  // An error of the system: the file itself may be sound.
  const [, code] = /^(E[A-Z]+\d*): /.exec(first.message) ?? []
  if (code === 'ENOENT') return { kind: 'missing', message: `${file} does not exist` }
  const place = code === undefined ? `${file}:${first.line}:${first.column}` : file
  return { kind: code === undefined ? 'damaged' : 'unread', message: `${place}: ${first.message}` }
}
