import { eachOf } from '../../concurrency/each-of.ts'
import type { CloudQuota, CloudTrust, PeopleData, RoleAssignment } from '../people.ts'
import { expandAssignments } from './expanded-assignments.ts'
import { KeystoneError } from './keystone-error.ts'
import type { KeystoneLists } from './keystone-lists.ts'
import {
  assignmentRow,
  domainRow,
  inferenceRow,
  limitRow,
  type ProjectRow,
  projectRow,
  registeredLimitRow,
  roleRow,
  trustRow,
  userRow,
} from './keystone-schema.ts'

const concurrency = 4

/**
 * Reads all people of a cloud.
 * @param isForSystem true for a login that may see the limits of all projects
 * @throws MachineError if a part of them cannot be read
 */
export async function readKeystonePeople(lists: KeystoneLists, isForSystem: boolean): Promise<PeopleData> {
  const domains = await lists.read('/domains', 'domains', domainRow)
  const projects = await lists.read('/projects', 'projects', projectRow)
  const users = new Map<string, ReturnType<typeof userOf>>()
  // Each domain may have a directory of its own, and a list without a domain then has the users of one.
  await eachOf(domains, concurrency, async ({ id }) => {
    for (const row of await lists.read('/users', 'users', userRow, { domain_id: id })) users.set(row.id, userOf(row))
  })
  const roles = await lists.read('/roles', 'roles', roleRow)
  return {
    domains: domains.map(({ id, name, enabled }) => ({ id, name, isEnabled: enabled })),
    projects: projects.map(({ id, name, enabled, domain_id }) => ({
      id,
      name,
      isEnabled: enabled,
      domainId: domain_id,
    })),
    users: [...users.values()],
    roles: roles.map(({ id, name }) => ({ id, name })),
    assignments: await readAssignments(lists, projects),
    trusts: await readTrusts(lists),
    quotas: isForSystem ? await readQuotas(lists, projects) : [],
  }
}

function userOf({ id, name, enabled, domain_id, email }: typeof userRow._zod.output) {
  const hasEmail = typeof email === 'string' && email !== ''
  return { id, name, isEnabled: enabled, domainId: domain_id, ...(hasEmail && { email }) }
}

/** Some clouds refuse or cannot make the list of effective assignments. Then it is made here. */
async function readAssignments(
  lists: KeystoneLists,
  projects: readonly ProjectRow[],
): Promise<readonly RoleAssignment[]> {
  try {
    const rows = await lists.read('/role_assignments', 'role_assignments', assignmentRow, { effective: '' })
    return rows.flatMap(({ role, user, scope }) =>
      user && scope.project ? [{ userId: user.id, projectId: scope.project.id, roleId: role.id }] : [],
    )
  } catch (error) {
    if (!(error instanceof KeystoneError) || error.status === undefined) throw error
    try {
      return await readOwnExpansion(lists, projects)
    } catch {
      throw error
    }
  }
}

async function readOwnExpansion(
  lists: KeystoneLists,
  projects: readonly ProjectRow[],
): Promise<readonly RoleAssignment[]> {
  const assignments = await lists.read('/role_assignments', 'role_assignments', assignmentRow)
  const groups = [...new Set(assignments.flatMap(({ group }) => group?.id ?? []))]
  const members = new Map<string, readonly string[]>()
  await eachOf(groups, concurrency, async (id) => {
    const users = await lists.read(`/groups/${encodeURIComponent(id)}/users`, 'users', userRow)
    members.set(
      id,
      users.map((user) => user.id),
    )
  })
  const inferences = await lists.read('/role_inferences', 'role_inferences', inferenceRow)
  return expandAssignments({ assignments, projects, members, inferences })
}

/**
 * The trusts that the login may see: an application credential, and users without rights for the system, see none. A
 * cloud without the extension has none. The list does not have the roles.
 */
async function readTrusts(lists: KeystoneLists): Promise<readonly CloudTrust[]> {
  const rows = await orMissing(lists.read('/OS-TRUST/trusts', 'trusts', trustRow), [403, 404])
  const trusts: CloudTrust[] = []
  await eachOf(rows, concurrency, async ({ id, trustor_user_id, trustee_user_id, project_id }) => {
    // A trust without a project delegates nothing but the user itself.
    if (!project_id) return
    const path = `/OS-TRUST/trusts/${encodeURIComponent(id)}/roles`
    const roles = (await orMissing(lists.read(path, 'roles', roleRow))).map(({ name }) => name)
    trusts.push({ id, trustorId: trustor_user_id, trusteeId: trustee_user_id, projectId: project_id, roles })
  })
  return trusts.toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

/** The names of Nova's resources in unified limits. Assumption: other services use the names of their quotas. */
const resources: Readonly<Record<string, string>> = {
  servers: 'instances',
  'class:VCPU': 'cores',
  'class:MEMORY_MB': 'ramMib',
}

/**
 * Unified limits as quotas. A cloud that does not use them has none here: quotas of Nova and Cinder themselves are not
 * in Keystone. Where regions differ, the smallest limit counts. A login for one project sees only its own limits, and
 * those of others would look like the usual ones.
 */
async function readQuotas(lists: KeystoneLists, projects: readonly ProjectRow[]): Promise<readonly CloudQuota[]> {
  const registered = await orMissing(lists.read('/registered_limits', 'registered_limits', registeredLimitRow))
  if (registered.length === 0) return []
  const own = new Map<string, number>()
  for (const { project_id, resource_name, resource_limit } of await orMissing(
    lists.read('/limits', 'limits', limitRow),
  ))
    if (project_id) lower(own, `${project_id} ${resource_name}`, resource_limit)
  const usual = new Map<string, number>()
  for (const { resource_name, default_limit } of registered) lower(usual, resource_name, default_limit)
  return projects.flatMap(({ id }) =>
    [...usual].map(([name, limit]) => ({
      projectId: id,
      resource: resources[name] ?? name,
      limit: own.get(`${id} ${name}`) ?? limit,
    })),
  )
}

/** -1 is unlimited. */
function lower(limits: Map<string, number>, key: string, limit: number): void {
  const before = limits.get(key)
  if (before === undefined || before === -1 || (limit !== -1 && limit < before)) limits.set(key, limit)
}

/** An empty list where the cloud has no such list. */
async function orMissing<Row>(rows: Promise<Row[]>, statuses: readonly number[] = [404]): Promise<Row[]> {
  try {
    return await rows
  } catch (error) {
    if (error instanceof KeystoneError && statuses.includes(error.status ?? 0)) return []
    throw error
  }
}
