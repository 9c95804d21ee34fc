import type { HandoverState, JudgedWorkload, OldName, OwnerJudge } from './judge-owner.ts'
import type { ManagerCommands } from './manager-commands.ts'
import type { HandoverMapping } from './mapping.ts'
import type { OwnedWorkload } from './owned-workload.ts'
import { resolveMapping } from './resolve-owner.ts'
import { scheduleBefore } from './schedule-before.ts'

/** What a handover needs, as a whole. */
export interface HandoverPlan {
  readonly cloud: string
  readonly targets: readonly string[]
  readonly workloads: readonly JudgedWorkload[]
  readonly states: Readonly<Partial<Record<HandoverState, number>>>
  /** What is wrong beyond single workloads: with the mapping, with records of snapshots. */
  readonly problems: readonly string[]
  /** What could not be read. */
  readonly unseen: readonly string[]
  readonly commands: ManagerCommands
  readonly exitCode: 0 | 1 | 3
}

/** Judges each workload by ids and names. */
export function judgeByNames(workloads: readonly OwnedWorkload[], judge: OwnerJudge): readonly JudgedWorkload[] {
  return workloads.map((workload) => {
    const judged = judge.judge(workload)
    const before = scheduleBefore(workload, judge.people)
    const isOwned = judged.state === 'imports' || judged.state === 'reassign'
    return {
      ...judged,
      needsSchedule: judged.state === 'reassign' && before === 'enabled',
      isScheduleOpen: isOwned && before === 'unknown',
    }
  })
}

/** Judges each workload by the owner that a mapping gives it. Also returns what is wrong with the mapping. */
export function judgeByMapping(
  workloads: readonly OwnedWorkload[],
  judge: OwnerJudge,
  mapping: HandoverMapping,
): { readonly judged: readonly JudgedWorkload[]; readonly problems: readonly string[] } {
  const { owners, problems } = resolveMapping(mapping, judge.people)
  const ownerOf = new Map(owners.flatMap((owner) => owner.mapped.workloads.map((id) => [id, owner] as const)))
  const mapped = new Map(mapping.owners.flatMap(({ workloads: ids, at }) => ids.map((id) => [id, at] as const)))
  const judged = workloads.map((workload): JudgedWorkload => {
    const id = workload.id.toLowerCase()
    const owner = ownerOf.get(id)
    if (owner !== undefined) return withSchedule(judge.judgeWith(workload, owner.project, owner.user), mapping)
    if (mapping.leave.has(id)) return { workload, state: 'left' }
    const at = mapped.get(id)
    if (at !== undefined) return { workload, state: 'unmapped', message: `its owner at ${at} does not exist` }
    const remedy = 'Add it to an owner of the mapping, or to `leave`.'
    return {
      workload,
      state: workload.isDeleted ? 'left' : 'unmapped',
      message: 'the mapping does not name it',
      remedy,
    }
  })
  const found = new Set(workloads.map(({ id }) => id.toLowerCase()))
  const absent = [...mapped].filter(([id]) => !found.has(id)).map(([id, at]) => `${at}: workload ${id} is on no target`)
  return { judged, problems: [...problems, ...absent] }
}

/** The mapping knows which workloads had a schedule: after a reassignment, their records do not. */
function withSchedule(one: JudgedWorkload, { unscheduled }: HandoverMapping): JudgedWorkload {
  const { workload, state } = one
  if (unscheduled.has(workload.id.toLowerCase()) || !['imports', 'reassign'].includes(state)) return one
  return { ...one, needsSchedule: state === 'reassign' || workload.schedule === 'disabled' }
}

const ready: ReadonlySet<HandoverState> = new Set(['imports', 'reassign', 'left'])

/** Records of snapshots without an owner: a reassignment passes over them. */
export function snapshotProblems(workloads: readonly OwnedWorkload[]): readonly string[] {
  return workloads.flatMap(({ snapshots }) =>
    snapshots.flatMap(({ trouble }) => (trouble === undefined || trouble.kind === 'unread' ? [] : [trouble.message])),
  )
}

/** Records that could not be read. */
export function unreadRecords(workloads: readonly OwnedWorkload[]): readonly string[] {
  return workloads.flatMap(({ trouble, snapshots }) =>
    [trouble, ...snapshots.map((one) => one.trouble)].flatMap((one) => (one?.kind === 'unread' ? [one.message] : [])),
  )
}

/** A failure that was found wins over what is unknown. */
export function planHandover(
  facts: Pick<HandoverPlan, 'cloud' | 'targets' | 'workloads' | 'problems' | 'unseen' | 'commands'>,
): HandoverPlan {
  const states: Partial<Record<HandoverState, number>> = {}
  for (const { state } of facts.workloads) states[state] = (states[state] ?? 0) + 1
  const isFailed = ({ state }: JudgedWorkload) => !ready.has(state) && state !== 'not-read'
  const isUnknown = facts.unseen.length > 0 || facts.workloads.some(({ state }) => state === 'not-read')
  const hasFailed = facts.problems.length > 0 || facts.workloads.some(isFailed)
  return { ...facts, states, exitCode: hasFailed ? 1 : isUnknown ? 3 : 0 }
}

/** The plan as a JSON object: without the records of snapshots. */
export function handoverPlanRecord({ workloads, ...plan }: HandoverPlan, judge: OwnerJudge): object {
  return { kind: 'handover-plan', ...plan, workloads: workloads.map((one) => workloadRecord(one, judge)) }
}

function workloadRecord(
  { workload, state, message, remedy, project, user, isScheduleOpen }: JudgedWorkload,
  judge: OwnerJudge,
): object {
  const { id, name, targets, owner, snapshots, schedule, isEncrypted } = workload
  return {
    id,
    ...(name !== undefined && { name }),
    targets,
    snapshots: snapshots.length,
    schedule,
    ...(isScheduleOpen && { isScheduleOpen }),
    ...(isEncrypted && { isEncrypted }),
    state,
    ...(message !== undefined && { message }),
    ...(remedy !== undefined && { remedy }),
    from: { ...owner, ...named('project', judge.oldProject(workload)), ...named('user', judge.oldUser(workload)) },
    to: {
      ...(project && { projectId: project.id, project: judge.names.qualified(project) }),
      ...(user && { userId: user.id, user: judge.names.qualified(user) }),
    },
  }
}

function named(kind: 'project' | 'user', old: OldName | undefined): Readonly<Record<string, string>> {
  if (old === undefined) return {}
  return { [kind]: old.domain === undefined ? old.name : `${old.domain}/${old.name}` }
}
