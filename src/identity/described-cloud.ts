import { InputError } from '../errors.ts'
import { nearest } from '../input/nearest.ts'
import { keystoneIdFrom, uuidFrom } from '../target/layout.ts'
import type { CheckedCloud } from './cloud-schema.ts'
import type { CloudDomain, CloudProject, CloudQuota, CloudUser, PeopleData } from './people.ts'

/** The domain that every cloud has. Keystone's bootstrap gives it this id. */
const defaultDomain: CloudDomain = { id: 'default', name: 'Default', isEnabled: true }
/** Roles that every cloud has: those of Keystone's bootstrap, and `creator`, which encrypted workloads need. */
const usualRoles = ['admin', 'member', 'reader', 'creator']

/** A cloud as described in YAML: its people with their ids, and what instances are made of. */
export interface DescribedCloud
  extends Pick<CheckedCloud, 'flavors' | 'flavorSizes' | 'networks' | 'volumeTypes' | 'trusteeRole'> {
  readonly name: string
  /** Dashed uuid. */
  readonly id: string
  readonly people: PeopleData
}

/**
 * Returns the cloud of a description. Ids that it leaves out follow from the names, so they are the same each time.
 * @param name the name of the cloud: the site's
 * @param source the file, for messages
 * @throws InputError for a name that is used twice in a domain, or an unknown domain or project
 */
export function describeCloud(cloud: CheckedCloud, name: string, source: string): DescribedCloud {
  const domains = [defaultDomain, ...cloud.domains.map((domain) => newDomain(name, domain))]
  const at = `${source}: cloud of ${name}`
  refuseTwice(
    at,
    'domain',
    domains.map((one) => one.name),
  )
  const domainOf = (domain: string, owner: string): CloudDomain =>
    find(domains, domain, (text) => `${at}: ${owner}: unknown domain ${text}`)
  const projects = cloud.projects.map((one): CloudProject & { readonly quota: typeof one.quota } => {
    const domain = domainOf(one.domain, `project ${one.name}`)
    const id = one.id ?? keystoneIdFrom(`${name}/project/${domain.name}/${one.name}`)
    return { id, name: one.name, domainId: domain.id, isEnabled: one.enabled, quota: one.quota }
  })
  const qualified = (one: CloudProject | CloudUser) =>
    `${domains.find(({ id }) => id === one.domainId)?.name}/${one.name}`
  refuseTwice(at, 'project', projects.map(qualified))
  refuseTwice(
    at,
    'id of a project',
    projects.map(({ id }) => id),
  )
  const users = cloud.users.map((one): CloudUser => {
    const domain = domainOf(one.domain, `user ${one.name}`)
    const id = one.id ?? keystoneIdFrom(`${name}/user/${domain.name}/${one.name}`)
    return { id, name: one.name, domainId: domain.id, isEnabled: one.enabled, ...(one.email && { email: one.email }) }
  })
  refuseTwice(at, 'user', users.map(qualified))
  refuseTwice(
    at,
    'id of a user',
    users.map(({ id }) => id),
  )

  const names = [...usualRoles, cloud.trusteeRole, ...cloud.roles].filter(isFirst)
  const roles = names.map((role) => ({ id: keystoneIdFrom(`${name}/role/${role}`), name: role }))
  const places = projects.map((project) => ({ name: qualified(project), project }))
  const assignments = cloud.users.flatMap((one, nth) =>
    Object.entries(one.roles).flatMap(([place, held]) => {
      const wanted = place.includes('/') ? place : `${one.domain}/${place}`
      const { project } = find(places, wanted, (text) => `${at}: user ${one.name}: unknown project ${text}`)
      return held.map((role) => ({
        userId: users[nth]?.id ?? '',
        projectId: project.id,
        roleId: find(roles, role, (text) => `${at}: user ${one.name}: unknown role ${text}`).id,
      }))
    }),
  )
  const quotas = projects.flatMap(({ id, quota }) =>
    Object.entries(quota).map(([resource, limit = -1]): CloudQuota => ({ projectId: id, resource, limit })),
  )
  return {
    name,
    id: cloud.id ?? uuidFrom(`cloud ${name}`),
    people: {
      domains,
      projects: projects.map(({ quota: _, ...project }) => project),
      users,
      roles,
      assignments,
      trusts: [],
      quotas,
    },
    flavors: cloud.flavors,
    flavorSizes: sizesOf(cloud, at),
    networks: cloud.networks,
    volumeTypes: cloud.volumeTypes,
    trusteeRole: cloud.trusteeRole,
  }
}

/** The flavor that OpenStack's documentation has had from the beginning. */
const usualSizes: CheckedCloud['flavorSizes'] = { 'm1.small': { vcpus: 1, ramMib: 2048 } }

function sizesOf({ flavors, flavorSizes }: CheckedCloud, at: string): CheckedCloud['flavorSizes'] {
  const named = flavors.map((name) => ({ name }))
  for (const name of Object.keys(flavorSizes)) find(named, name, (text) => `${at}: flavorSizes: unknown flavor ${text}`)
  const sizes = { ...usualSizes, ...flavorSizes }
  return Object.fromEntries(Object.entries(sizes).filter(([name]) => flavors.includes(name)))
}

const newDomain = (cloud: string, name: string): CloudDomain => ({
  id: keystoneIdFrom(`${cloud}/domain/${name}`),
  name,
  isEnabled: true,
})

/** Keystone compares names of roles without their case. */
const isFirst = (name: string, at: number, all: readonly string[]): boolean =>
  all.findIndex((one) => one.toLowerCase() === name.toLowerCase()) === at

function find<Item extends { readonly name: string }>(
  items: readonly Item[],
  name: string,
  message: (text: string) => string,
): Item {
  const found = items.find((one) => one.name.toLowerCase() === name.toLowerCase())
  if (found !== undefined) return found
  const meant = nearest(
    name,
    items.map((one) => one.name),
  )
  throw new InputError(message(`${JSON.stringify(name)}${meant === undefined ? '' : `: did you mean ${meant}?`}`))
}

function refuseTwice(at: string, what: string, values: readonly string[]): void {
  const twice = values.find((value, nth) => values.indexOf(value) !== nth)
  if (twice !== undefined) throw new InputError(`${at}: ${what} ${twice} is defined twice`)
}
