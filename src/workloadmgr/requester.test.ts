import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { cloudSchema } from '../identity/cloud-schema.ts'
import { describeCloud } from '../identity/described-cloud.ts'
import { check } from '../input/schema-check.ts'
import { findRequester, type RequesterNames } from './requester.ts'

const description = {
  domains: ['Partners'],
  projects: [{ name: 'shop' }, { name: 'shop', domain: 'Partners' }],
  users: [
    { name: 'alice', roles: { shop: ['member'] } },
    { name: 'dora', enabled: false, roles: { shop: ['member'] } },
    { name: 'olga', roles: { shop: ['Admin'], 'Partners/shop': ['reader'] } },
  ],
}
const cloud = describeCloud(check(cloudSchema, description, 'lab.yaml'), 'recovery', 'lab.yaml')
const [alice] = cloud.people.users
const [shop, partners] = cloud.people.projects

describe('requester', () => {
  it('is the administrator of the cloud without any name, although the cloud lists none', () => {
    const { userName, projectName, isAdmin, userId } = findRequester(cloud, {})
    assert.deepEqual([userName, projectName, isAdmin], ['admin', 'admin', true])
    assert.match(userId, /^[0-9a-f]{32}$/)
    assert.equal(findRequester(cloud, { username: 'admin', projectName: 'shop' }).projectId, shop?.id)
  })

  it('is a user in a project, in any case of letters', () => {
    const { userId, projectId, isAdmin } = findRequester(cloud, { username: 'Alice', projectName: 'SHOP' })
    assert.deepEqual([userId, projectId, isAdmin], [alice?.id, shop?.id, false])
  })

  it('is an administrator only in the project in which the user has the role', () => {
    const olga = (projectDomainName: string) =>
      findRequester(cloud, { cloud: 'recovery', username: 'olga', projectName: 'shop', projectDomainName })
    assert.deepEqual([olga('Default').isAdmin, olga('Partners').isAdmin], [true, false])
    assert.equal(olga('Partners').projectId, partners?.id)
  })

  const wrong: readonly (readonly [string, RequesterNames, RegExp])[] = [
    ['another cloud', { cloud: 'primary' }, /^unknown cloud "primary"; this is the cloud "recovery"$/],
    ['an unknown user', { username: 'alcie', projectName: 'shop' }, /^unknown user "alcie": did you mean alice\?$/],
    ['an unknown project', { username: 'alice', projectName: 'shpo' }, /unknown project "shpo": did you mean shop\?/],
    [
      'a user of another domain',
      { username: 'alice', projectName: 'shop', userDomainName: 'Partners' },
      /unknown user "alice"$/,
    ],
    [
      'an unknown domain',
      { username: 'alice', projectName: 'shop', userDomainName: 'Partner' },
      /unknown domain "Partner"/,
    ],
    ['a user without a project', { username: 'alice' }, /^user alice needs a project$/],
    ['a disabled user', { username: 'dora', projectName: 'shop' }, /^user dora is disabled$/],
    [
      'a user without a role in the project',
      { username: 'alice', projectName: 'shop', projectDomainName: 'Partners' },
      /^user alice has no role in project shop$/,
    ],
  ]
  for (const [what, names, message] of wrong)
    it(`is refused for ${what}`, () => assert.throws(() => findRequester(cloud, names), { message }))
})
