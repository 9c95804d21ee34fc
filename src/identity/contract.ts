import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { uuidFrom } from '../target/layout.ts'
import type { CloudInput } from './cloud-schema.ts'
import type { IdentityService } from './identity-service.ts'
import type { CloudProject, CloudTrust, CloudUser, People } from './people.ts'

/** An identity service with the people of a description. */
export interface DescribedIdentity extends AsyncDisposable {
  /** As someone who may read all of it. */
  readonly admin: IdentityService
  /** As a user of the domain Default, logged in for a project of it. */
  as(user: string, project: string): Promise<IdentityService>
}

const cloud: CloudInput = {
  domains: ['Partners'],
  projects: [
    { name: 'web-shop', quota: { instances: 2, volumes: -1 } },
    { name: 'web-shop', domain: 'Partners' },
    { name: 'Ünïcode & more' },
    { name: 'closed', enabled: false },
    ...Array.from({ length: 5 }, (_, nth) => ({ name: `project-${nth}` })),
  ],
  roles: ['backup-operator'],
  users: [
    {
      name: 'alice',
      email: 'alice@example.org',
      roles: { 'web-shop': ['member', 'backup-operator'], 'Partners/web-shop': ['reader'] },
    },
    { name: 'alice', domain: 'Partners', roles: { 'web-shop': ['creator'] } },
    { name: 'service', roles: {} },
    { name: 'gone', enabled: false, roles: { closed: ['member'] } },
  ],
}

/**
 * What each implementation of `IdentityService` must do.
 * @param open makes the service of a described cloud; it may hold more people
 */
export function identityContract(
  name: string,
  open: (cloud: CloudInput) => Promise<DescribedIdentity>,
  options: { readonly skip?: string | false } = {},
): void {
  describe(`identity service: ${name}`, options, () => {
    let service: DescribedIdentity
    let people: People
    before(async () => {
      service = await open(cloud)
      people = await service.admin.readPeople()
    })
    after(() => service?.[Symbol.asyncDispose]())

    const domainOf = (one: CloudProject | CloudUser) => people.domain(one.domainId)?.name
    const project = (wanted: string, domain = 'Default') =>
      one(people.data.projects.filter((found) => found.name === wanted && domainOf(found) === domain))
    const user = (wanted: string, domain = 'Default') =>
      one(people.data.users.filter((found) => found.name === wanted && domainOf(found) === domain))

    it('has projects and users by name within their domains, and finds them by id', () => {
      assert.notEqual(project('web-shop').id, project('web-shop', 'Partners').id)
      assert.notEqual(user('alice').id, user('alice', 'Partners').id)
      for (const found of [project('web-shop'), project('Ünïcode & more'), project('project-4')])
        assert.equal(people.project(found.id), found)
      assert.equal(people.user(user('alice').id)?.email, 'alice@example.org')
      assert.equal(people.user(user('service').id)?.email, undefined)
    })

    it('finds nothing by an unknown id', () => {
      const unknown = uuidFrom('unknown').replaceAll('-', '')
      assert.deepEqual(
        [people.project(unknown), people.user(unknown), people.domain(unknown), people.rolesOf(unknown, unknown).size],
        [undefined, undefined, undefined, 0],
      )
    })

    it('shows which projects and users are disabled', () => {
      assert.deepEqual(
        [project('web-shop'), project('closed'), user('alice'), user('gone')].map(({ isEnabled }) => isEnabled),
        [true, false, true, false],
      )
    })

    it('has the roles of each user in each project, also across domains', () => {
      const [alice, partner] = [user('alice').id, user('alice', 'Partners').id]
      const [ours, theirs] = [project('web-shop').id, project('web-shop', 'Partners').id]
      const has = (userId: string, projectId: string) =>
        ['member', 'backup-operator', 'reader', 'creator', 'admin'].filter((role) =>
          people.hasRole(userId, projectId, role),
        )
      // The role member implies reader, where a cloud has rules for that.
      assert.deepEqual(
        has(alice, ours).filter((role) => role !== 'reader'),
        ['member', 'backup-operator'],
      )
      assert.deepEqual(has(alice, theirs), ['reader'])
      assert.deepEqual(has(partner, theirs), ['creator'])
      assert.deepEqual(has(partner, ours), [])
      assert.ok(people.hasRole(alice, ours, 'MEMBER'))
      assert.deepEqual(has(user('service').id, ours), [])
      assert.deepEqual(
        people.usersIn(ours).map(({ id }) => id),
        [alice],
      )
    })

    it('has the quotas of a project', () => {
      const quotas = people.data.quotas.filter(({ projectId }) => projectId === project('web-shop').id)
      const limitOf = (wanted: string) => quotas.find(({ resource }) => resource === wanted)?.limit
      assert.deepEqual([limitOf('instances'), limitOf('volumes')], [2, -1])
    })

    it('creates a trust, which is read with its roles', async () => {
      const request = {
        trustorId: user('alice').id,
        trusteeId: user('service').id,
        projectId: project('web-shop').id,
        roles: ['backup-operator'],
      }
      const trust = await (await service.as('alice', 'web-shop')).createTrust(request)
      const { data } = await service.admin.readPeople()
      assert.deepEqual(
        data.trusts.find(({ id }) => id === trust.id),
        { id: trust.id, ...request },
      )
    })

    it('refuses a trust of a role that the trustor lacks, and of unknown users and projects', async () => {
      const identity = await service.as('alice', 'web-shop')
      const unknown = uuidFrom('unknown').replaceAll('-', '')
      const request = {
        trustorId: user('alice').id,
        trusteeId: user('service').id,
        projectId: project('web-shop').id,
        roles: ['member'],
      }
      const wrong = [{ roles: ['creator'] }, { trusteeId: unknown }, { trustorId: unknown }, { projectId: unknown }]
      for (const change of wrong)
        await assert.rejects(identity.createTrust({ ...request, ...change }), { name: 'InputError' })
      await assert.rejects(identity.createTrust({ ...request, roles: ['creator'] }), /does not have the role creator/)
      const { data } = await service.admin.readPeople()
      const isWrong = (trust: CloudTrust) => trust.trusteeId === unknown || trust.roles.join() !== 'backup-operator'
      assert.deepEqual(data.trusts.filter(isWrong), [])
    })

    it('ends with the reason of a signal', async () => {
      await assert.rejects(service.admin.readPeople(AbortSignal.abort(new Error('stopped'))), /^Error: stopped$/)
    })
  })
}

function one<Item>(found: readonly Item[]): Item {
  assert.equal(found.length, 1)
  return found[0] as Item
}
