import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { cloudSchema } from '../identity/cloud-schema.ts'
import { describeCloud } from '../identity/described-cloud.ts'
import { People } from '../identity/people.ts'
import { check } from '../input/schema-check.ts'
import { readUserTable, sameCloud } from './user-table.ts'

const rows = [
  { user: 'alice', project: 'web-shop', roles: 'member, creator', email: 'alice@example.org' },
  { user: 'alice', project: 'billing', roles: 'auditor', email: '' },
  { user: 'eve', project: '', roles: '', email: '' },
  { user: '', project: 'empty', roles: '', email: '' },
]
const described = (cloud: Parameters<typeof cloudSchema.parse>[0], name: string) =>
  describeCloud(check(cloudSchema, cloud, 'test'), name, 'test')

describe('a table of users', () => {
  it('has a row for each user and project, and users and projects alone', () => {
    const { people } = described(readUserTable(rows), 'recovery')
    const all = new People(people)
    const [alice, eve] = people.users
    const [shop, billing, empty] = people.projects
    assert.deepEqual([...all.rolesOf(alice!.id, shop!.id)], ['member', 'creator'])
    assert.deepEqual([...all.rolesOf(alice!.id, billing!.id)], ['auditor'])
    assert.deepEqual(
      [alice?.email, eve?.name, eve?.email, empty?.name],
      ['alice@example.org', 'eve', undefined, 'empty'],
    )
    assert.deepEqual(all.usersIn(empty!.id), [])
  })

  it('is refused for a wrong column or mail address', () => {
    assert.throws(() => readUserTable([{ user: 'a', projct: 'b' }]), /unknown column "projct": did you mean project\?/)
    assert.throws(() => readUserTable([{ user: 'a', email: 'nowhere' }]), /must be a mail address/)
  })
})

describe('the same cloud', () => {
  it('has the same ids at a site of another name, quotas and domains included', () => {
    const cloud = described(
      {
        domains: ['Partners'],
        projects: [
          { name: 'shop', quota: { volumes: 2 } },
          { name: 'shop', domain: 'Partners' },
        ],
        users: [{ name: 'bob', domain: 'Partners', roles: { 'Default/shop': ['member'], shop: ['reader'] } }],
      },
      'primary',
    )
    const same = described(sameCloud(cloud), 'recovery')
    assert.equal(same.id, cloud.id)
    const ids = ({ people }: typeof cloud) => [people.projects, people.users].map((some) => some.map(({ id }) => id))
    assert.deepEqual(ids(same), ids(cloud))
    assert.deepEqual(same.people.quotas, cloud.people.quotas)
    const roles = ({ people }: typeof cloud) =>
      people.projects.map(({ id }) => [...new People(people).rolesOf(people.users[0]!.id, id)])
    assert.deepEqual(roles(same), [['member'], ['reader']])
  })
})
