import { DrillError } from '../../errors.ts'
import type { People } from '../../identity/people.ts'
import { counted } from '../../text/plural.ts'
import { type ProjectUsage, type QuotaShortage, quotaShortages } from './project-quota.ts'

/** Why the workload manager refuses a restore. */
export const refusalKinds = [
  'no license',
  'unknown user',
  'user not in the project',
  'role missing',
  'other project',
  'workload not available',
  'snapshot not available',
  'role creator missing',
  'secret missing',
  'quota exceeded',
  'instance exists',
  'instance missing',
] as const
export type RefusalKind = (typeof refusalKinds)[number]

/** One reason against a restore. */
export interface RestoreRefusal {
  readonly kind: RefusalKind
  readonly sentence: string
}

/** The person who asks for something, and the project that the request is scoped to. */
export interface RestoreRequester {
  readonly userId: string
  readonly projectId: string
}

/** All that decides whether somebody may restore a snapshot, or take one. */
export interface RestoreFacts {
  readonly people: People
  readonly requester: RestoreRequester
  /** The role that the product needs of a user in the project. */
  readonly trusteeRole: string
  readonly hasLicense: boolean
  readonly workload: {
    readonly name: string
    readonly projectId: string
    readonly status: string
    /** The secret that opens its images. Undefined if they are not encrypted. */
    readonly secretId?: string
  }
  /** Undefined for a backup. */
  readonly snapshot?: { readonly id: string; readonly status: string; readonly isDeleted: boolean }
  /** Ids of the secrets that the recovery site has. */
  readonly secrets: ReadonlySet<string>
  readonly used: ProjectUsage
  readonly needed: ProjectUsage
}

/** Returns every reason against a restore, or a backup. It is allowed if there is none. */
export function whyNotAllowed(facts: RestoreFacts): readonly RestoreRefusal[] {
  const { people, requester, workload, snapshot } = facts
  const [user, project] = [people.user(requester.userId), people.project(workload.projectId)]
  const who = user?.name ?? requester.userId
  const where = project?.name ?? workload.projectId
  const has = (role: string): boolean => people.hasRole(requester.userId, requester.projectId, role)
  const refusals: RestoreRefusal[] = []
  const refuseIf = (isRefused: boolean, kind: RefusalKind, sentence: string): void => {
    if (isRefused) refusals.push({ kind, sentence })
  }

  refuseIf(!facts.hasLicense, 'no license', 'the workload manager has no license')
  refuseIf(user === undefined || !user.isEnabled, 'unknown user', `user ${who} does not exist, or is disabled`)
  const isOther = requester.projectId !== workload.projectId
  const scope = people.project(requester.projectId)?.name ?? requester.projectId
  refuseIf(isOther, 'other project', `workload ${workload.name} belongs to project ${where}, not to ${scope}`)
  const isIn = people.rolesOf(requester.userId, requester.projectId).size > 0
  refuseIf(!isIn, 'user not in the project', `user ${who} has no role in project ${scope}`)
  refuseIf(
    isIn && !has(facts.trusteeRole),
    'role missing',
    `user ${who} does not have the role ${facts.trusteeRole} in project ${scope}`,
  )
  const isFree = workload.status === 'available'
  refuseIf(!isFree, 'workload not available', `workload ${workload.name} is ${workload.status}`)
  const status = snapshot?.isDeleted === true ? 'deleted' : snapshot?.status
  const hasSnapshot = snapshot === undefined || status === 'available'
  refuseIf(!hasSnapshot, 'snapshot not available', `snapshot ${snapshot?.id} is ${status}`)
  if (workload.secretId !== undefined) {
    const creator = `user ${who} does not have the role creator in project ${scope}, which an encrypted workload needs`
    refuseIf(!has('creator'), 'role creator missing', creator)
    const secret = `this cloud does not have the secret ${workload.secretId} of the encrypted workload`
    refuseIf(!facts.secrets.has(workload.secretId), 'secret missing', secret)
  }
  for (const shortage of quotaShortages(people, workload.projectId, facts.used, facts.needed))
    refusals.push({ kind: 'quota exceeded', sentence: `project ${where} ${sentenceOf(shortage)}` })
  return refusals
}

function sentenceOf({ resource, limit, used, needed }: QuotaShortage): string {
  const amount = resource === 'ramMib' ? `${limit} MiB of memory` : counted(limit, resource.slice(0, -1), resource)
  return `has a quota of ${amount}, uses ${used}, and ${needed} more are needed`
}

/** The workload manager refuses a request, before anything is changed. */
export class RequestRefused extends DrillError {
  readonly refusals: readonly RestoreRefusal[]

  constructor(what: string, refusals: readonly RestoreRefusal[]) {
    super('failure', 'request-refused', `${what} is refused: ${refusals.map(({ sentence }) => sentence).join('; ')}`)
    this.name = 'RequestRefused'
    this.refusals = refusals
  }
}
