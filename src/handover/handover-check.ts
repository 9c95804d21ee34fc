import { isSameOwner } from '../workloadmgr/records/record-owner.ts'
import type { OwnerJudge } from './judge-owner.ts'
import type { HandoverMapping } from './mapping.ts'
import type { OwnedWorkload } from './owned-workload.ts'
import { type ResolvedOwner, resolveMapping } from './resolve-owner.ts'

/** What an assessment says about the snapshots of a workload. */
export interface RestorableSnapshot {
  /** `restores` only if every byte of it was read. */
  readonly standing: 'restores' | 'not proven' | 'does not restore'
  /** Why not. */
  readonly message?: string
}

/** Assessed workloads by id. Undefined without an assessment. */
export type Assessed = ReadonlyMap<string, RestorableSnapshot> | undefined

export type CheckCode =
  | 'absent'
  | 'not-read'
  | 'unreadable-record'
  | 'not-reassigned'
  | 'half-changed'
  | 'owner-missing'
  | 'disabled'
  | 'role-missing'
  | 'schedule-off'
  | 'schedule-unknown'
  | 'not-restorable'
  | 'not-proven'
  | 'not-assessed'
  | 'unmapped'

/** What is wrong with the handover of a workload, or unknown. */
export interface HandoverDefect {
  readonly code: CheckCode
  readonly isUnknown: boolean
  readonly message: string
  readonly remedy?: string
}

export interface CheckedWorkload {
  readonly id: string
  readonly name?: string
  /** `domain/name` of its owner on the new cloud. */
  readonly project?: string
  readonly user?: string
  readonly defects: readonly HandoverDefect[]
}

export interface HandoverCheck {
  readonly cloud: string
  readonly targets: readonly string[]
  readonly workloads: readonly CheckedWorkload[]
  readonly left: number
  readonly handedOver: number
  readonly unseen: readonly string[]
  readonly exitCode: 0 | 1 | 3
}

export interface CheckFacts {
  readonly cloud: string
  readonly targets: readonly string[]
  readonly workloads: readonly OwnedWorkload[]
  readonly mapping: HandoverMapping
  readonly judge: OwnerJudge
  readonly assessed: Assessed
  readonly unseen: readonly string[]
}

/** Compares the records with the mapping, and the owners with the cloud. */
export function checkHandover({ mapping, judge, assessed, ...facts }: CheckFacts): HandoverCheck {
  const { owners, problems } = resolveMapping(mapping, judge.people)
  const resolved = new Map(owners.map((owner) => [owner.mapped, owner]))
  const found = new Map(facts.workloads.map((workload) => [workload.id.toLowerCase(), workload]))
  const whyMissing = (at: string) =>
    problems.find((problem) => problem.startsWith(`${at}: `)) ?? `${at}: it does not exist`
  const checked = mapping.owners.flatMap((mapped): readonly CheckedWorkload[] => {
    const owner = resolved.get(mapped)
    const missing = owner === undefined ? [failed('owner-missing', whyMissing(mapped.at))] : []
    return mapped.workloads.map((id) => {
      const workload = found.get(id)
      const names = owner && { project: judge.names.qualified(owner.project), user: judge.names.qualified(owner.user) }
      const defects =
        workload === undefined
          ? [absent(mapped.at, facts.unseen)]
          : [
              ...missing,
              ...(owner ? ofOwner(workload, owner, judge) : []),
              ...ofSchedule(workload, mapping),
              ...ofAssessment(id, assessed),
            ]
      return { id, ...(workload?.name !== undefined && { name: workload.name }), ...names, defects }
    })
  })
  const named = new Set([...mapping.owners.flatMap(({ workloads }) => workloads), ...mapping.leave])
  const others = facts.workloads
    .filter(({ id, isDeleted }) => !named.has(id.toLowerCase()) && !isDeleted)
    .map(({ id, name }) => ({ id, ...(name !== undefined && { name }), defects: [unmapped] }))
  const workloads = [...checked, ...others]
  const all = workloads.flatMap(({ defects }) => defects)
  const hasFailed = all.some(({ isUnknown }) => !isUnknown)
  return {
    cloud: facts.cloud,
    targets: facts.targets,
    workloads,
    left: mapping.leave.size,
    handedOver: workloads.filter(({ defects }) => defects.length === 0).length,
    unseen: facts.unseen,
    exitCode: hasFailed ? 1 : all.length > 0 || facts.unseen.length > 0 ? 3 : 0,
  }
}

const failed = (code: CheckCode, message: string, remedy?: string): HandoverDefect => ({
  code,
  isUnknown: false,
  message,
  ...(remedy !== undefined && { remedy }),
})
const unsure = (code: CheckCode, message: string, remedy?: string): HandoverDefect => ({
  ...failed(code, message, remedy),
  isUnknown: true,
})

const unmapped = failed('unmapped', 'the mapping does not name it', 'Add it to an owner of the mapping, or to `leave`.')

/** It may be on a target that was not read. */
function absent(at: string, unseen: readonly string[]): HandoverDefect {
  const message = `${at}: it is on no target that was read`
  return unseen.length === 0 ? failed('absent', message, 'Check the paths of the targets.') : unsure('absent', message)
}

/** All records must name the owner: the product restores each snapshot for the owner that its own record names. */
function ofOwner(
  workload: OwnedWorkload,
  { project, user }: ResolvedOwner,
  judge: OwnerJudge,
): readonly HandoverDefect[] {
  const defects: HandoverDefect[] = []
  const wanted = { projectId: project.id, userId: user.id }
  const { trouble, snapshots } = workload
  const records = [
    { owner: workload.owner, trouble, file: 'workload_db' },
    ...snapshots.map((one) => ({ ...one, file: `the record of snapshot ${one.id}` })),
  ]
  for (const { trouble: one } of records)
    if (one !== undefined)
      defects.push(
        (one.kind === 'unread' ? unsure : failed)(
          one.kind === 'unread' ? 'not-read' : 'unreadable-record',
          one.message,
        ),
      )
  const readable = records.filter((one) => one.trouble === undefined)
  const isRight = ({ owner }: (typeof records)[number]) =>
    owner.projectId !== undefined && owner.userId !== undefined && isSameOwner(owner, wanted)
  const wrong = readable.filter((one) => !isRight(one))
  const again = 'Reassign it again: an interrupted reassignment is finished by repeating it.'
  if (wrong.length === readable.length && wrong.length > 0)
    defects.push(
      failed('not-reassigned', `its ${wrong.length} records name another owner: ${described(wrong[0]?.owner)}`, again),
    )
  else if (wrong.length > 0)
    defects.push(
      failed(
        'half-changed',
        `${wrong.length} of ${readable.length} records name another owner, e.g. ${wrong[0]?.file}: ${described(wrong[0]?.owner)}`,
        again,
      ),
    )
  const obstacle = judge.obstacle(project, user)
  if (obstacle !== undefined)
    defects.push(
      failed(obstacle.state === 'disabled' ? 'disabled' : 'role-missing', obstacle.message ?? '', obstacle.remedy),
    )
  return defects
}

const described = (owner: { readonly projectId?: string; readonly userId?: string } | undefined): string =>
  `project ${owner?.projectId ?? '?'}, user ${owner?.userId ?? '?'}`

function ofSchedule(
  { id, schedule, trouble }: OwnedWorkload,
  { unscheduled }: HandoverMapping,
): readonly HandoverDefect[] {
  if (trouble !== undefined || schedule === 'enabled' || unscheduled.has(id.toLowerCase())) return []
  if (schedule === 'unknown')
    return [
      unsure(
        'schedule-unknown',
        'the schedule in its record is not understood',
        'Look at it with workloadmgr workload-show.',
      ),
    ]
  const what = schedule === 'none' ? 'it has no schedule' : 'its schedule is disabled'
  const remedy = `workloadmgr enable-scheduler --workloadids ${id}. If it needs none, add it to \`unscheduled\` of the mapping.`
  return [failed('schedule-off', `${what}: nothing backs it up`, remedy)]
}

function ofAssessment(id: string, assessed: Assessed): readonly HandoverDefect[] {
  const remedy = 'dr-drill assess PATH... --depth content --json >FILE, then --from-assessment FILE'
  if (assessed === undefined)
    return [unsure('not-assessed', 'no assessment shows whether it has a restorable snapshot', remedy)]
  const snapshot = assessed.get(id)
  if (snapshot === undefined) return [unsure('not-assessed', 'the assessment does not have it', remedy)]
  const { standing, message } = snapshot
  if (standing === 'restores') return []
  const why = message === undefined ? '' : `: ${message}`
  if (standing === 'not proven')
    return [unsure('not-proven', `no snapshot is proven to restore${why}`, 'Assess with --depth content.')]
  return [failed('not-restorable', `it has no restorable snapshot${why}`)]
}
