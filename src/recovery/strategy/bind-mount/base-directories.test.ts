import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { strangeBase, withoutStrangeBases } from './base-directories.ts'
import { bindActions } from './bind-actions.ts'

const share = 'MTAuMTAuMi4yMDovdXBzdHJlYW0='
const targets = ['/var/triliovault-mounts/MTAuMjAuMi4yMDovcmVwbGljYQ==']

describe('a base directory of an origin path', () => {
  for (const base of ['/var/triliovault-mounts', '/var/trilio/triliovault-mounts', '/var/lib/nova/triliovault-mounts'])
    it(`is accepted if the product mounts there: ${base}`, () =>
      assert.equal(strangeBase(`${base}/${share}`, targets), undefined))

  for (const base of ['/var/spool', '/var/lib/docker', '/opt', '/var/lib', '/srv', '/var/triliovault-mounts/x'])
    it(`is strange: ${base}`, () => assert.equal(strangeBase(`${base}/${share}`, targets), base))

  it('is accepted if a target of this site is there, or if it is allowed, and only that one', () => {
    const own = ['/srv/backup/MTAuMjAuMi4yMDovcmVwbGljYQ==']
    assert.equal(strangeBase(`/srv/backup/${share}`, own), undefined)
    assert.equal(strangeBase(`/opt/${share}`, targets, ['/opt']), undefined)
    assert.equal(strangeBase(`/opt/x/${share}`, targets, ['/opt']), '/opt/x')
  })

  it('takes the changes of its origin path out of a plan, and no others', () => {
    const [local = ''] = targets
    const plan = {
      where: 'a/node',
      actions: [
        ...bindActions({ local, origin: `/var/triliovault-mounts/${share}`, persist: false }),
        ...bindActions({ local, origin: `/var/spool/${share}`, persist: true }),
      ],
      refusals: [],
      notes: [],
    }
    const { actions, refusals } = withoutStrangeBases(plan, targets, undefined)
    assert.deepEqual(actions, plan.actions.slice(0, 2))
    assert.deepEqual(
      refusals.map(({ origin, remedy }) => [origin, remedy.slice(-23)]),
      [[`/var/spool/${share}`, '--allow-base /var/spool.']].map(([origin, end]) => [origin, end?.slice(-23)]),
    )
    assert.equal(withoutStrangeBases(plan, targets, ['/var/spool']), plan)
  })
})
