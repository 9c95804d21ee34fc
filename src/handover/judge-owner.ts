import type { CloudProject, CloudUser, People } from '../identity/people.ts'
import { quoteWord } from '../shell/quote.ts'
import { type OwnedWorkload, ownersOf } from './owned-workload.ts'
import { CloudNames } from './resolve-owner.ts'

/** The next step for a workload before users of the new cloud have it. */
export type HandoverState =
  /** Its owner exists: an import is enough. */
  | 'imports'
  /** It gets another owner, who exists and has the role. */
  | 'reassign'
  | 'project-missing'
  | 'user-missing'
  | 'role-missing'
  /** The name matches only in another domain, or in several. */
  | 'other-domain'
  | 'disabled'
  /** The record of the workload is damaged or missing. */
  | 'unreadable-record'
  /** The record of the workload could not be read: nothing is known. */
  | 'not-read'
  /** The mapping does not name it. */
  | 'unmapped'
  /** Marked deleted, or left by the mapping. */
  | 'left'

/** The owner of a workload on the new cloud, as far as it is known. */
export interface ProposedOwner {
  readonly project?: CloudProject
  readonly user?: CloudUser
}

export interface JudgedWorkload extends ProposedOwner {
  readonly workload: OwnedWorkload
  readonly state: HandoverState
  /** Why it is in this state. Undefined if nothing is to be said. */
  readonly message?: string
  readonly remedy?: string
  /** True if its schedule is to be enabled again: a reassignment disables it. */
  readonly needsSchedule?: boolean
  /** True if its schedule before the handover is unknown, and no mapping decides on it. */
  readonly isScheduleOpen?: boolean
}

/** The names of an old owner. */
export interface OldName {
  readonly name: string
  /** Undefined if only the name is known. */
  readonly domain?: string
}

/** Projects and users of the new cloud, and names of the old one. */
export class OwnerJudge {
  readonly people: People
  readonly names: CloudNames
  readonly #old: People | undefined
  readonly #role: string

  /**
   * @param old the people of the old cloud, for the names of ids. Undefined if they are lost
   * @param role the role that each owner needs, for the trust of the product
   */
  constructor(people: People, old: People | undefined, role: string) {
    this.people = people
    this.names = new CloudNames(people)
    this.#old = old
    this.#role = role
  }

  /** The name of the project that a workload had. Undefined if nothing has it. */
  oldProject({ owner, names }: OwnedWorkload): OldName | undefined {
    return this.#oldName(this.#old?.project(owner.projectId ?? ''), names.project)
  }

  /** The name of the user who had a workload. Undefined if nothing has it. */
  oldUser({ owner, names }: OwnedWorkload): OldName | undefined {
    return this.#oldName(this.#old?.user(owner.userId ?? ''), names.user)
  }

  /** Judges a workload, and proposes its owner by ids and names. */
  judge(workload: OwnedWorkload): JudgedWorkload {
    const before = this.#beforeOwner(workload)
    if (before !== undefined) return before
    const owner =
      ownersOf(workload).find(
        ({ projectId = '', userId = '' }) => this.people.project(projectId) && this.people.user(userId),
      ) ?? workload.owner
    const { projectId = '', userId = '' } = owner
    const [oldProject, oldUser] = [this.oldProject(workload), this.oldUser(workload)]
    const projects = namedLike(oldProject, (name) => this.names.projectsNamed(name))
    const users = namedLike(oldUser, (name) => this.names.usersNamed(name))
    const project = this.people.project(projectId) ?? this.#choice(projects, oldProject)
    const user = this.people.user(userId) ?? this.#choice(users, oldUser)
    const known = { ...(project && { project }), ...(user && { user }) }
    if (project === undefined)
      return { workload, ...known, ...this.#unknownPart('project', projectId, projects, oldProject) }
    if (user === undefined) return { workload, ...known, ...this.#unknownPart('user', userId, users, oldUser) }
    return this.judgeWith(workload, project, user)
  }

  /** Judges a workload with a given owner. */
  judgeWith(workload: OwnedWorkload, project: CloudProject, user: CloudUser): JudgedWorkload {
    const before = this.#beforeOwner(workload)
    if (before !== undefined) return before
    const obstacle = this.obstacle(project, user)
    if (obstacle !== undefined) return { workload, project, user, ...obstacle }
    const owners = ownersOf(workload)
    const isSame = workload.owner.projectId === project.id && workload.owner.userId === user.id
    if (isSame && owners.length === 1) return { workload, project, user, state: 'imports' }
    const message = owners.length === 1 ? {} : { message: `its records name ${owners.length} owners` }
    return { workload, project, user, state: 'reassign', ...message }
  }

  /** Why a user cannot own workloads in a project. Undefined if nothing prevents it. */
  obstacle(project: CloudProject, user: CloudUser): Pick<JudgedWorkload, 'state' | 'message' | 'remedy'> | undefined {
    const [projectName, userName] = [this.names.qualified(project), this.names.qualified(user)]
    const closed = (domainId: string) => this.people.domain(domainId)?.isEnabled === false
    const disabled = [
      ...(project.isEnabled ? [] : [`project ${projectName}`]),
      ...(user.isEnabled ? [] : [`user ${userName}`]),
      ...(closed(project.domainId) ? [`the domain of project ${projectName}`] : []),
      ...(closed(user.domainId) ? [`the domain of user ${userName}`] : []),
    ]
    if (disabled.length > 0)
      return {
        state: 'disabled',
        message: `${disabled.join(' and ')} is disabled`,
        remedy: this.#enabling(project, user),
      }
    if (this.people.hasRole(user.id, project.id, this.#role)) return undefined
    const held = [...this.people.rolesOf(user.id, project.id)]
    return {
      state: 'role-missing',
      message: `user ${userName} does not have the role ${this.#role} in project ${projectName} (roles there: ${held.join(', ') || 'none'})`,
      remedy: `openstack role add --user ${quoteWord(user.id)} --project ${quoteWord(project.id)} ${quoteWord(this.#role)}`,
    }
  }

  #enabling(project: CloudProject, user: CloudUser): string {
    if (!project.isEnabled) return `openstack project set --enable ${quoteWord(project.id)}`
    if (!user.isEnabled) return `openstack user set --enable ${quoteWord(user.id)}`
    const closed = [project, user].find(({ domainId }) => this.people.domain(domainId)?.isEnabled === false)
    return `openstack domain set --enable ${quoteWord(closed?.domainId ?? '')}`
  }

  #beforeOwner(workload: OwnedWorkload): JudgedWorkload | undefined {
    const { trouble, isDeleted } = workload
    if (trouble !== undefined) {
      const state = trouble.kind === 'unread' ? 'not-read' : 'unreadable-record'
      return { workload, state, message: trouble.message }
    }
    return isDeleted ? { workload, state: 'left', message: 'it is marked deleted' } : undefined
  }

  #oldName(one: CloudProject | CloudUser | undefined, name: string | undefined): OldName | undefined {
    if (one === undefined) return name === undefined ? undefined : { name }
    const domain = this.#old?.domain(one.domainId)?.name
    return { name: one.name, ...(domain !== undefined && { domain }) }
  }

  /** The one in the same domain. Where only the name is known: the only one of this name. */
  #choice<Item extends { readonly domainId: string }>(
    named: readonly Item[],
    old: OldName | undefined,
  ): Item | undefined {
    if (old?.domain === undefined) return named.length === 1 ? named[0] : undefined
    return named.find(({ domainId }) => this.people.domain(domainId)?.name === old.domain)
  }

  #unknownPart(
    kind: 'project' | 'user',
    id: string,
    candidates: readonly (CloudProject | CloudUser)[],
    old: OldName | undefined,
  ): Pick<JudgedWorkload, 'state' | 'message' | 'remedy'> {
    const remedy = `Fill in the ${kind} in the mapping.`
    if (old === undefined)
      return { state: `${kind}-missing`, message: `the name of ${kind} ${id} is unknown here`, remedy }
    const name = old.domain === undefined ? old.name : `${old.domain}/${old.name}`
    if (candidates.length === 0) return { state: `${kind}-missing`, message: `${kind} ${name} does not exist`, remedy }
    const places = candidates.slice(0, maxCandidates).map((one) => this.names.qualified(one))
    return { state: 'other-domain', message: `${kind} ${name} may be ${places.join(' or ')}`, remedy }
  }
}

const maxCandidates = 5

function namedLike<Item>(old: OldName | undefined, find: (name: string) => readonly Item[]): readonly Item[] {
  return old === undefined ? [] : find(old.name)
}
