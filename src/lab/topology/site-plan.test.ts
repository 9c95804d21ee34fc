import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { withShares, withVersion } from './site-plan.ts'
import { refusalOf, share, site, withSites } from './topology.fixture.ts'
import { planTopology } from './topology.ts'

describe('withVersion', () => {
  const [old] = planTopology(withSites(site({ distribution: 'juju', version: '4.1', mountOptions: 'hard' }))).sites
  assert.ok(old)

  it('mounts by the rules of that version, except for values that the site sets itself', () => {
    const { version, shares, mountOptions, nodes } = withVersion(old, '4.2')
    assert.deepEqual([version, mountOptions, nodes], ['4.2', 'hard', old.nodes])
    assert.equal(shares[0]?.mountPath, '/var/triliovault-mounts/L3Vwc3RyZWFt')
  })
  it('refuses a version that would mount two shares at the same path', () => {
    const [two] = planTopology(
      withSites(site({ distribution: 'juju', version: '4.1', shares: [share, '10.20.2.20:/upstream'] })),
    ).sites
    assert.match(
      refusalOf(() => withVersion(two ?? old, '4.2')),
      /both 10\.10\.2\.20:\/upstream and 10\.20\.2\.20/,
    )
  })
})

it('withShares replaces the shares, and refuses two at the same path', () => {
  const [old] = planTopology(withSites(site({ distribution: 'juju', version: '4.2' }))).sites
  assert.ok(old)
  const now = withShares(old, ['10.30.2.20:/upstream'])
  assert.deepEqual(
    now.shares.map(({ share, mountPath }) => [share.text, mountPath]),
    [['10.30.2.20:/upstream', old.shares[0]?.mountPath]],
  )
  assert.match(
    refusalOf(() => withShares(old, ['10.30.2.20:/x', '10.40.2.20:/x'])),
    /both 10\.30\.2\.20:\/x and 10\.40/,
  )
})
