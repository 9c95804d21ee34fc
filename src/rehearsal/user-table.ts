import { InputError } from '../errors.ts'
import { type CloudInput, cloudSchema } from '../identity/cloud-schema.ts'
import { type DescribedCloud, describeCloud } from '../identity/described-cloud.ts'
import { nearest } from '../input/nearest.ts'
import { check } from '../input/schema-check.ts'

const columns = ['user', 'project', 'roles', 'email']

/**
 * Reads the users of a cloud from a table of a feature: a row for each user and project, with the columns `user`,
 * `project`, `roles` (separated by commas) and `email` (optional). A row without a project is a user without any role, and a
 * row without a user is a project without users.
 * @throws InputError that names the wrong value
 */
export function readUserTable(rows: readonly Readonly<Record<string, string>>[]): CloudInput {
  const wrong = Object.keys(rows[0] ?? {}).find((column) => !columns.includes(column))
  if (wrong !== undefined) {
    const meant = nearest(wrong, columns)
    throw new InputError(
      `the table of users: unknown column "${wrong}"${meant === undefined ? '' : `: did you mean ${meant}?`}`,
    )
  }
  const projects = new Set<string>()
  const users = new Map<string, { email?: string; roles: Record<string, string[]> }>()
  for (const { user = '', project = '', roles = '', email = '' } of rows) {
    if (project !== '') projects.add(project)
    if (user === '') continue
    const one = users.get(user) ?? { roles: {} }
    users.set(user, one)
    if (email !== '') one.email = email
    const names = roles.split(',').flatMap((role) => role.trim() || [])
    if (project !== '' && names.length > 0) one.roles[project] = names
  }
  const names = [...users.values()].flatMap(({ roles }) => Object.values(roles).flat())
  const cloud: CloudInput = {
    projects: [...projects].map((name) => ({ name })),
    users: [...users].map(([name, more]) => ({ name, ...more })),
    roles: [...new Set(names)],
  }
  // The site is not known here, and everything else is checked before anything starts.
  describeCloud(check(cloudSchema, cloud, 'the table of users'), 'site', 'the table of users')
  return cloud
}

/** Returns the description of a cloud with the same ids: one identity service for two sites, or a restored one. */
export function sameCloud(cloud: DescribedCloud): CloudInput {
  const { id, people, flavors, flavorSizes, networks, volumeTypes, trusteeRole } = cloud
  const domain = (domainId: string) => people.domains.find((one) => one.id === domainId)?.name ?? domainId
  const role = (roleId: string) => people.roles.find((one) => one.id === roleId)?.name ?? roleId
  return {
    id,
    domains: people.domains.map(({ name }) => name).filter((name) => name !== 'Default'),
    projects: people.projects.map((one) => ({
      ...{ id: one.id, name: one.name, domain: domain(one.domainId), enabled: one.isEnabled },
      quota: Object.fromEntries(
        people.quotas.flatMap(({ projectId, resource, limit }) => (projectId === one.id ? [[resource, limit]] : [])),
      ),
    })),
    users: people.users.map((one) => ({
      ...{ id: one.id, name: one.name, domain: domain(one.domainId), enabled: one.isEnabled },
      ...(one.email !== undefined && { email: one.email }),
      roles: Object.fromEntries(
        people.projects.flatMap((project) => {
          const held = people.assignments.filter(
            ({ userId, projectId }) => userId === one.id && projectId === project.id,
          )
          return held.length === 0
            ? []
            : [[`${domain(project.domainId)}/${project.name}`, held.map(({ roleId }) => role(roleId))]]
        }),
      ),
    })),
    roles: people.roles.map(({ name }) => name),
    flavors,
    flavorSizes,
    networks,
    volumeTypes,
    trusteeRole,
  }
}
