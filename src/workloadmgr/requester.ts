import { InputError } from '../errors.ts'
import type { DescribedCloud } from '../identity/described-cloud.ts'
import { People } from '../identity/people.ts'
import { nearest } from '../input/nearest.ts'
import { keystoneIdFrom } from '../target/layout.ts'

/** The person who asks for something, in the scope of a project. */
export interface Requester {
  readonly userId: string
  readonly userName: string
  readonly projectId: string
  readonly projectName: string
  /** True for the administrator of the cloud, and for users with the role `admin` in the project. */
  readonly isAdmin: boolean
}

/** Names as in the environment or the options of OpenStack clients. */
export interface RequesterNames {
  readonly cloud?: string | undefined
  readonly username?: string | undefined
  readonly projectName?: string | undefined
  readonly userDomainName?: string | undefined
  readonly projectDomainName?: string | undefined
}

/** The administrator that every cloud has, also if its description does not list one. */
const admin = 'admin'

/**
 * Finds the person who asks. Passwords are not checked: assumption, a lab has none. Without any name, it is the
 * administrator.
 * @throws InputError for an unknown name, with the nearest known one, for a disabled user or project, and for a user without
 * a role in the project
 */
export function findRequester(cloud: DescribedCloud, names: RequesterNames): Requester {
  if (names.cloud !== undefined && names.cloud !== cloud.name)
    throw new InputError(
      `unknown cloud ${JSON.stringify(names.cloud)}; this is the cloud ${JSON.stringify(cloud.name)}`,
    )
  const people = new People(cloud.people)
  const userName = names.username ?? admin
  const isAdministrator = userName === admin
  const domainOf = (name = 'Default') => named('domain', people.data.domains, name)
  const [userDomain, projectDomain] = [domainOf(names.userDomainName), domainOf(names.projectDomainName)]
  const usersThere = people.data.users.filter(({ domainId }) => domainId === userDomain.id)
  const projectsThere = people.data.projects.filter(({ domainId }) => domainId === projectDomain.id)
  const unlisted = (what: string) => ({ id: keystoneIdFrom(`${cloud.name}/${what}/Default/${admin}`), name: admin })
  const isListed = (items: readonly { readonly name: string }[], name: string) =>
    items.some((one) => one.name.toLowerCase() === name.toLowerCase())
  const user = isAdministrator && !isListed(usersThere, admin) ? unlisted('user') : named('user', usersThere, userName)
  const projectName = names.projectName ?? (isAdministrator ? admin : undefined)
  if (projectName === undefined)
    throw new InputError(`user ${userName} needs a project`, {
      remedy: 'Set OS_PROJECT_NAME, or pass --os-project-name.',
    })
  const project =
    isAdministrator && projectName === admin && !isListed(projectsThere, admin)
      ? unlisted('project')
      : named('project', projectsThere, projectName)
  for (const [what, one] of [
    ['user', user],
    ['project', project],
  ] as const)
    if ('isEnabled' in one && !one.isEnabled) throw new InputError(`${what} ${one.name} is disabled`)
  const isAdmin = isAdministrator || people.hasRole(user.id, project.id, admin)
  if (!isAdmin && people.rolesOf(user.id, project.id).size === 0)
    throw new InputError(`user ${user.name} has no role in project ${project.name}`)
  return { userId: user.id, userName: user.name, projectId: project.id, projectName: project.name, isAdmin }
}

/** Keystone compares names without their case. */
function named<Item extends { readonly name: string }>(what: string, items: readonly Item[], name: string): Item {
  const found = items.find((one) => one.name.toLowerCase() === name.toLowerCase())
  if (found !== undefined) return found
  const known = items.map((one) => one.name)
  const meant = nearest(name, known)
  throw new InputError(
    `unknown ${what} ${JSON.stringify(name)}${meant === undefined ? '' : `: did you mean ${meant}?`}`,
    known.length === 0 ? {} : { remedy: `Known: ${known.join(', ')}.` },
  )
}
