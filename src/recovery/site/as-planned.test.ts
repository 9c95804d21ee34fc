import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { InputError } from '../../errors.ts'
import type { User } from '../../shell/shell.ts'
import { asPlanned, type GivenOptions, requirePlannedSite } from './as-planned.ts'
import type { RecoveryPlan } from './recovery-plan.ts'
import type { SiteHosts } from './site-hosts.ts'

const [local, other] = ['/mounts/L2xvY2Fs', '/mounts/L290aGVy']
const user = { uid: 42436, gid: 42436 }
const service = { container: 'triliovault_datamover' }
const plan: RecoveryPlan = {
  madeAt: '2026-01-01T00:00:00.000Z',
  site: 'this host',
  targets: [local],
  strategy: 'bind-mount',
  persist: false,
  madeWith: { user, service },
  user,
  images: 2,
  formats: {},
  needs: [],
  broken: [],
  unclear: [],
  unread: [],
  expected: [],
  foreign: 0,
  listedBy: 'localhost',
  nodes: [],
  unknown: [],
}
const ofSite: RecoveryPlan = { ...plan, site: 'a', madeWith: {} }
const given = (how: Partial<GivenOptions>): GivenOptions => ({ targets: [], ...how })

describe('asPlanned', () => {
  it('takes options from the plan, and accepts the same ones again', () => {
    const { targets, strategy, persist, ...rest } = asPlanned(plan, given({}))
    assert.deepEqual([targets, strategy, persist, rest], [[local], 'bind-mount', false, { plannedUser: user, service }])
    const again = given({ targets: [`${local}/`], user, service, strategy: 'bind-mount' })
    assert.deepEqual(asPlanned(plan, again), { ...asPlanned(plan, given({})), user })
  })

  it('takes the site from the plan, and no user that the plan derived from the images', () => {
    const { site, user: taken } = asPlanned(ofSite, given({ inventory: 'site.yaml', user }))
    assert.deepEqual([site, taken], ['a', user])
    assert.equal(asPlanned(ofSite, given({ inventory: 'site.yaml' })).user, undefined)
  })

  const contradictions: [what: string, plan: RecoveryPlan, how: Partial<GivenOptions>, message: RegExp][] = [
    ['user', plan, { user: { uid: 1, gid: 2 } }, /^--user 1:2: the plan was made with 42436:42436$/],
    ['place of the service', plan, { service: 'host' }, /^--service host: .* with container:triliovault_datamover$/],
    ['mount path', plan, { targets: [other] }, /^mount paths \/mounts\/L290aGVy: .* with \/mounts\/L2xvY2Fs$/],
    ['strategy', plan, { strategy: 'rebase' }, /^--strategy rebase: the plan was made with bind-mount$/],
    ['persistence', plan, { persist: true }, /^--persist: the plan was made without it$/],
    [
      'inventory',
      plan,
      { inventory: 'x.yaml' },
      /^--inventory x.yaml: the plan was made for this host, without an inventory$/,
    ],
    ['host alone', ofSite, {}, /^the plan was made for the site "a" of an inventory$/],
    ['site', ofSite, { inventory: 'x.yaml', site: 'b' }, /^--site b: the plan was made with a$/],
  ]
  for (const [what, made, how, message] of contradictions)
    it(`throws for another ${what} than in the plan, and names both`, () => {
      assert.throws(
        () => asPlanned(made, given(how)),
        (error: Error) => {
          assert.ok(error instanceof InputError)
          assert.match(error.message, message)
          return true
        },
      )
    })
})

describe('requirePlannedSite', () => {
  const refuse = (): never => assert.fail('a command was run')
  const hosts = (where: string, its: User | undefined): SiteHosts => ({
    site: 'a',
    nodes: [{ where, shell: { where, run: refuse, try: refuse } }],
    targets: [local],
    user: its,
    mountedBy: undefined,
  })
  const unknown = [{ where: 'a/one', why: 'connection lost' }]

  it('accepts the nodes and the user of the plan, and a site without a user', () => {
    for (const its of [user, undefined]) requirePlannedSite({ ...ofSite, unknown }, hosts('a/one', its))
  })

  it('throws for another user in the inventory, and for a node that the site does not have', () => {
    const other = { uid: 162, gid: 162 }
    assert.throws(
      () => requirePlannedSite({ ...ofSite, unknown }, hosts('a/one', other)),
      /^InputError: the plan has the product's user 42436:42436, and the site "a" has 162:162$/,
    )
    assert.throws(
      () => requirePlannedSite({ ...ofSite, unknown }, hosts('a/two', user)),
      /^InputError: the plan has the node a\/one, which the site "a" does not have$/,
    )
  })
})
