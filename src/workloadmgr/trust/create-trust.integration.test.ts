import assert from 'node:assert/strict'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, beforeEach, describe, it } from 'node:test'
import { keystoneIdFrom } from '../../target/layout.ts'
import { type ManagedSite, makeSite, removeFixtures } from '../manager.fixture.ts'
import { createTrust, listTrusts, serviceUser } from './create-trust.ts'

after(removeFixtures)
const [shop, alice, service] = ['shop', 'alice', 'service'].map(keystoneIdFrom) as [string, string, string]
let site: ManagedSite
beforeEach(() => {
  const users = [
    { name: 'alice', id: alice, roles: { shop: ['member'] } },
    { name: serviceUser, id: service },
  ]
  site = makeSite({ targets: [], cloud: { projects: [{ name: 'shop', id: shop }], users } })
})

const ask = (role: string, isCloudTrust = false) =>
  createTrust(site.manager, { userId: alice, projectId: shop, role, isCloudTrust })

describe('trust', () => {
  it('of a user to the service of the product is listed by project', async () => {
    const answer = await ask('member')
    assert.equal(answer.status, 200)
    const [trust] = await listTrusts(site.manager, { projectId: shop })
    assert.match(trust?.id ?? '', /^trust-[\da-f-]{36}$/)
    assert.deepEqual(
      [trust?.trustorId, trust?.trusteeId, trust?.projectId, trust?.roles],
      [alice, service, shop, ['member']],
    )
    assert.deepEqual(await listTrusts(site.manager, { projectId: 'other' }), [])
    assert.deepEqual(await listTrusts(site.manager, { isCloudTrust: true }), [])
    await ask('member', true)
    assert.equal((await listTrusts(site.manager, { isCloudTrust: true })).length, 1)
    assert.equal((await listTrusts(site.manager)).length, 2)
  })

  it('that the identity service refuses is status 500 and no error: only the list shows that there is none', async () => {
    const answer = await ask('admin')
    assert.equal(answer.status, 500)
    assert.match(answer.status === 500 ? answer.message : '', /does not have the role admin/)
    assert.deepEqual(await listTrusts(site.manager), [])
    assert.match(readFileSync(join(site.config.stateDirectory, 'workloadmgr.log'), 'utf8'), /WARNING trust-create: /)
  })

  it('that the identity service cannot create is status 500, too', async () => {
    rmSync(site.config.cloudFile)
    assert.equal((await ask('member')).status, 500)
  })
})
