import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { site, withSites } from '../topology/topology.fixture.ts'
import { planTopology } from '../topology/topology.ts'
import { configFileOf, openrcFilesOf, sshFilesOf } from './manager-files.ts'

const cloud = {
  domains: ['Partners'],
  projects: [{ name: 'web shop' }, { name: 'web shop', domain: 'Partners' }, { name: 'empty' }],
  users: [
    { name: 'alice', roles: { 'web shop': ['member', 'reader'], 'Partners/web shop': ['member'] } },
    { name: "o'brien", domain: 'Partners', roles: { 'web shop': ['reader'] } },
  ],
}
const [plan] = planTopology(withSites(site({ cloud }))).sites

describe('the files of a workload manager', () => {
  assert.ok(plan?.cloud !== undefined)

  it('have one environment for each user in each project, and one of an administrator', () => {
    const files = openrcFilesOf(plan.cloud!)
    assert.deepEqual(
      files.map(({ path }) => path),
      [
        '/root/admin-openrc',
        '/root/openrc-alice-web_shop',
        '/root/openrc-alice-web_shop-2',
        '/root/openrc-o_brien-web_shop',
      ],
    )
    assert.match(files[2]?.content ?? '', /^export OS_PROJECT_DOMAIN_NAME=Partners$/m)
    assert.match(files[3]?.content ?? '', /^export OS_USERNAME='o'\\''brien'$/m)
  })

  it('name the targets as the site mounts them, and the computes', () => {
    const { targets, computes } = JSON.parse(configFileOf(plan).content)
    assert.deepEqual(targets, [
      {
        name: 'target-1',
        type: 'nfs',
        share: '10.10.2.20:/upstream',
        mountPath: '/var/trilio/triliovault-mounts/L3Vwc3RyZWFt',
        isDefault: true,
      },
    ])
    assert.deepEqual(computes, [{ name: 'compute-1', address: plan.nodes[1]?.address }])
  })

  it('know the host key of every node by its address', () => {
    const known = sshFilesOf(plan, 'private', 'ssh-ed25519 AAAA').find(({ path }) => path.endsWith('known_hosts'))
    assert.equal(known?.content, plan.nodes.map(({ address }) => `${address} ssh-ed25519 AAAA\n`).join(''))
  })
})
