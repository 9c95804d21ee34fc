import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { InputError } from '../../errors.ts'
import { asPlanned, type CalledWith } from './as-planned.ts'
import type { RecoveryPlan } from './plan.ts'

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
  unread: [],
  foreign: 0,
  listedBy: 'localhost',
  nodes: [],
  unknown: [],
}
const ofSite: RecoveryPlan = { ...plan, site: 'a', madeWith: {} }
const called = (how: Partial<CalledWith>): CalledWith => ({ targets: [], ...how })

describe('what a kept plan is carried out with', () => {
  it('is in the plan, and need not be said again', () => {
    const { targets, strategy, persist, ...rest } = asPlanned(plan, called({}))
    assert.deepEqual([targets, strategy, persist, rest], [[local], 'bind-mount', false, { user, service }])
    const again = called({ targets: [`${local}/`], user, service, strategy: 'bind-mount' })
    assert.deepEqual(asPlanned(plan, again), asPlanned(plan, called({})))
  })

  it('is the site of the inventory, and the user that it named then or all images had', () => {
    const { site, user: said } = asPlanned(ofSite, called({ inventory: 'site.yaml', user }))
    assert.deepEqual([site, said], ['a', user])
    assert.equal(asPlanned(ofSite, called({ inventory: 'site.yaml' })).user, undefined)
  })

  const contradictions: [what: string, plan: RecoveryPlan, how: Partial<CalledWith>, said: RegExp][] = [
    ['user', plan, { user: { uid: 1, gid: 2 } }, /^--user 1:2: this plan was made with 42436:42436$/],
    ['place of the service', plan, { service: 'host' }, /^--service host: .* with container:triliovault_datamover$/],
    ['mount path', plan, { targets: [other] }, /^the mount paths \/mounts\/L290aGVy: .* with \/mounts\/L2xvY2Fs$/],
    ['strategy', plan, { strategy: 'rebase' }, /^--strategy rebase: this plan was made with bind-mount$/],
    ['persistence', plan, { persist: true }, /^--persist: this plan keeps nothing over reboots$/],
    ['inventory', plan, { inventory: 'x.yaml' }, /^--inventory x.yaml: this plan was made for this host, without one$/],
    ['host alone', ofSite, {}, /^this plan was made for the site "a" of an inventory, and none is named$/],
    ['site', ofSite, { inventory: 'x.yaml', site: 'b' }, /^--site b: this plan was made with a$/],
  ]
  for (const [what, made, how, said] of contradictions)
    it(`is no other ${what}: that is told, and both are named`, () => {
      assert.throws(
        () => asPlanned(made, called(how)),
        (error: Error) => {
          assert.ok(error instanceof InputError)
          assert.match(error.message, said)
          return true
        },
      )
    })
})
