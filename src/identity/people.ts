/** A domain of a cloud: names of projects and users are unique within it. */
export interface CloudDomain {
  readonly id: string
  readonly name: string
  readonly isEnabled: boolean
}

/** A project of a cloud. Older generations of OpenStack call it a tenant. */
export interface CloudProject {
  /** 32 hexadecimal digits, without dashes. */
  readonly id: string
  readonly name: string
  readonly domainId: string
  readonly isEnabled: boolean
}

/** A user of a cloud. */
export interface CloudUser {
  /** 32 hexadecimal digits, or 64 for a user of LDAP. */
  readonly id: string
  readonly name: string
  readonly domainId: string
  readonly isEnabled: boolean
  /** Undefined if the cloud knows none. */
  readonly email?: string
}

/** A role that users have in projects. */
export interface CloudRole {
  readonly id: string
  readonly name: string
}

/** A role that a user has in a project, also by a group, by inheritance from a domain, or implied by another role. */
export interface RoleAssignment {
  readonly userId: string
  readonly projectId: string
  readonly roleId: string
}

/** Roles in a project that a user (trustor) delegates to a service (trustee). */
export interface CloudTrust {
  readonly id: string
  readonly trustorId: string
  readonly trusteeId: string
  readonly projectId: string
  /** Names of roles. */
  readonly roles: readonly string[]
}

/** How much of a resource a project may use. */
export interface CloudQuota {
  readonly projectId: string
  /** `instances`, `volumes`, `snapshots`, `gigabytes` … */
  readonly resource: string
  /** -1 is unlimited, as in OpenStack. */
  readonly limit: number
}

/** All that a cloud knows of its people, read at one moment. */
export interface PeopleData {
  readonly domains: readonly CloudDomain[]
  readonly projects: readonly CloudProject[]
  readonly users: readonly CloudUser[]
  readonly roles: readonly CloudRole[]
  readonly assignments: readonly RoleAssignment[]
  readonly trusts: readonly CloudTrust[]
  readonly quotas: readonly CloudQuota[]
}

/** The people of a cloud, by id and by name. */
export class People {
  readonly data: PeopleData
  readonly #domains: ReadonlyMap<string, CloudDomain>
  readonly #projects: ReadonlyMap<string, CloudProject>
  readonly #users: ReadonlyMap<string, CloudUser>
  /** Names of roles by user and project. */
  readonly #roles: ReadonlyMap<string, ReadonlySet<string>>

  constructor(data: PeopleData) {
    this.data = data
    this.#domains = byId(data.domains)
    this.#projects = byId(data.projects)
    this.#users = byId(data.users)
    const roles = byId(data.roles)
    const held = Map.groupBy(data.assignments, ({ userId, projectId }) => keyOf(userId, projectId))
    this.#roles = new Map(
      [...held].map(([key, some]) => [key, new Set(some.map(({ roleId }) => roles.get(roleId)?.name ?? roleId))]),
    )
  }

  /** The domain with an id. */
  domain(id: string): CloudDomain | undefined {
    return this.#domains.get(id)
  }

  /** The project with an id, in any domain. */
  project(id: string): CloudProject | undefined {
    return this.#projects.get(id)
  }

  /** The user with an id, in any domain. */
  user(id: string): CloudUser | undefined {
    return this.#users.get(id)
  }

  /** Names of the roles that a user has in a project. Empty if the user is not in the project. */
  rolesOf(userId: string, projectId: string): ReadonlySet<string> {
    return this.#roles.get(keyOf(userId, projectId)) ?? none
  }

  /** True if a user has a role in a project. Keystone compares names of roles without their case. */
  hasRole(userId: string, projectId: string, role: string): boolean {
    const wanted = role.toLowerCase()
    return [...this.rolesOf(userId, projectId)].some((name) => name.toLowerCase() === wanted)
  }

  /** Users that have any role in a project. */
  usersIn(projectId: string): readonly CloudUser[] {
    return this.data.users.filter(({ id }) => this.rolesOf(id, projectId).size > 0)
  }
}

const none: ReadonlySet<string> = new Set()

const keyOf = (userId: string, projectId: string): string => `${userId} ${projectId}`

function byId<Item extends { readonly id: string }>(items: readonly Item[]): ReadonlyMap<string, Item> {
  return new Map(items.map((item) => [item.id, item]))
}
