import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ImageRecord } from '../backup/catalog.ts'
import { InputError } from '../errors.ts'
import type { SitePlan } from '../lab/topology/site-plan.ts'
import { planTopology } from '../lab/topology/topology.ts'
import { Holdings } from './holdings.ts'
import { siteInput } from './site-spec.ts'

const base = '/var/triliovault-mounts'
const gold = '10.10.2.20:/gold'
const silver = '10.10.2.20:/silver'

function image(workload: string, snapshot: number): ImageRecord {
  const chain = Array.from({ length: snapshot }, (_, back) => `workload_${workload}/${snapshot - back}`)
  return {
    workload,
    workloadId: workload,
    vm: 'vm-1',
    vmId: 'v',
    disk: 'vda',
    snapshot,
    snapshotId: `${snapshot}`,
    type: snapshot === 1 ? 'full' : 'incremental',
    path: chain[0] ?? '',
    chain,
    virtualSizeBytes: 2 ** 30,
    digest: 'a'.repeat(64),
  }
}

function siteWith(...shares: string[]): SitePlan {
  const [site] = planTopology(siteInput({ name: 'recovery', version: '4.2' }, shares, [])).sites
  return site ?? assert.fail()
}

function held(): Holdings {
  const holdings = new Holdings()
  holdings.add({ image: image('web', 1), share: gold, originPath: '/old/gold' })
  holdings.add({ image: image('db', 1), share: silver, originPath: '/old/silver' })
  holdings.addReplica('10.20.2.20:/one', gold)
  holdings.addReplica('10.20.2.20:/two', silver)
  return holdings
}

describe('holdings', () => {
  const one = `${base}/${Buffer.from('/one').toString('base64')}`
  const two = `${base}/${Buffer.from('/two').toString('base64')}`
  const site = siteWith('10.20.2.20:/two', '10.20.2.20:/one')

  it('find each image on the replica of its own share', () => {
    assert.equal(held().localPathOf(image('web', 1), site), one)
    assert.equal(held().localPathOf(image('db', 1), site), two)
  })
  it('pair each origin path with its own replica', () => {
    assert.deepEqual(held().originPairs(site), [
      { origin: '/old/gold', local: one },
      { origin: '/old/silver', local: two },
    ])
    assert.deepEqual(held().originPairs(site, { origin: '/old/silver' }), [{ origin: '/old/silver', local: two }])
  })
  it('pair an origin path with the share that is named', () => {
    assert.deepEqual(held().originPairs(site, { share: '10.20.2.20:/two', origin: '/old/gold' }), [
      { origin: '/old/gold', local: two },
    ])
  })
  it('find the original of a replica of a replica', () => {
    const holdings = held()
    holdings.addReplica('10.30.2.20:/again', '10.20.2.20:/one')
    assert.deepEqual(holdings.imagesOn('10.30.2.20:/again'), [image('web', 1)])
  })
  it('have two origin paths of a share whose mount path has changed', () => {
    const holdings = held()
    const later = image('web', 2)
    holdings.add({ image: later, share: gold, originPath: '/new/gold' })
    assert.deepEqual(
      holdings.originPairs(site).map(({ origin, local }) => [origin, local]),
      [
        ['/old/gold', one],
        ['/old/silver', two],
        ['/new/gold', one],
      ],
    )
    assert.equal(holdings.parentPathOf(later), '/new/gold/workload_web/1')
  })

  const refused: readonly [what: string, act: () => unknown, named: RegExp][] = [
    ['the only origin path if there are two', () => held().originPathOf(), /\/old\/gold, \/old\/silver/],
    ['an unknown origin path', () => held().originPairs(site, { origin: '/x' }), /\/x; known: \/old\/gold/],
    ['an unknown share', () => held().originPairs(site, { share: '10.9.9.9:/x' }), /10\.9\.9\.9:\/x/],
    [
      'a site without the share',
      () => held().originPairs(siteWith('10.20.2.20:/one')),
      /recovery .*10\.10\.2\.20:\/silver/,
    ],
    ['any origin path if nothing is backed up', () => new Holdings().originPathOf(), /nothing was backed up/],
    ['the parent of a full image', () => held().parentPathOf(image('web', 1)), /no parent/],
    ['an image that was not backed up', () => held().localPathOf(image('mail', 1), site), /workload_mail/],
    [
      'an origin path for two shares',
      () => {
        const holdings = held()
        holdings.add({ image: image('mail', 1), share: silver, originPath: '/old/gold' })
        return holdings.originPairs(site)
      },
      /\/old\/gold cannot lead to both/,
    ],
  ]
  for (const [what, act, named] of refused)
    it(`refuse ${what}`, () => {
      assert.throws(act, (error: Error) => error instanceof InputError && named.test(error.message))
    })
})
