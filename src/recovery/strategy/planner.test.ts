import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { NodeState, PairState, PathState } from '../node/node-state.ts'
import { resolves } from '../node/node-state.ts'
import { type PlanOptions, planNode } from './planner.ts'

const local = '/var/triliovault-mounts/MTAuMjAuMi4yMDovcmVwbGljYQ=='
const origin = '/var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0='
const mountOf = (of: string) => ({ of, type: 'nfs', source: `server:${of}`, isShared: true })
const share = mountOf('0:40 /')
const isThere = (path: string): PathState => ({ path, kind: 'directory', mount: share })

const pair: PairState = {
  local: isThere(local),
  origin: { path: origin, kind: 'missing' },
  isKeptInFstab: false,
  isLocalInFstab: true,
}
const bound: PairState = { ...pair, origin: isThere(origin) }

function planOf(changes: Partial<PairState>, options: PlanOptions = { persist: false }, node: Partial<NodeState> = {}) {
  const pairs = [{ ...pair, ...changes }]
  return planNode(
    { where: 'node', targets: [], isSystemd: true, qemuImg: 'qemu-img version 7.2.22', pairs, ...node },
    options,
  )
}
const kindsOf = (plan: ReturnType<typeof planNode>) => plan.actions.map(({ kind }) => kind)

describe('planning a node', () => {
  it('does only what is needed', () => {
    assert.deepEqual(kindsOf(planOf({})), ['make-directory', 'bind'])
    assert.deepEqual(kindsOf(planOf({}, { persist: true })), ['make-directory', 'bind', 'persist'])
    assert.deepEqual(kindsOf(planOf(bound)), [])
    assert.deepEqual(kindsOf(planOf(bound, { persist: true })), ['persist'])
    assert.deepEqual(kindsOf(planOf({ ...bound, isKeptInFstab: true }, { persist: true })), [])
    assert.deepEqual(kindsOf(planOf({ isKeptInFstab: true }, { persist: true })), ['make-directory', 'bind'])
  })

  const at = (path: string): PathState => ({ path, kind: 'missing' })
  const refusals: [what: string, changes: Partial<PairState>, why: RegExp][] = [
    [
      'a share that is not mounted',
      { local: { path: local, kind: 'directory', isEmpty: true } },
      /nothing is mounted at/,
    ],
    ['data at the origin path', { origin: { path: origin, kind: 'directory', isEmpty: false } }, /is not empty/],
    [
      'another mount there',
      { origin: { ...isThere(origin), mount: mountOf('0:41 /') } },
      /0:41 \/ is mounted at .* already/,
    ],
    ['a file there', { origin: { path: origin, kind: 'other' } }, /is not a directory/],
    ['what cannot be read', { origin: { path: origin, kind: 'unreadable', error: 'Stale file handle' } }, /Stale/],
    [
      'a link on the way to it',
      { origin: { path: origin, kind: 'missing', link: '/var' } },
      /\/var is a symbolic link/,
    ],
    ['a link on the way to the share', { local: { ...isThere(local), link: local } }, /is a symbolic link/],
    ['".."', { origin: at('/var/triliovault-mounts/../../L2E=') }, /"\.\."/],
    ['a newline', { origin: at('/var/a\nb/L2E=') }, /newline/],
    ['4,096 characters', { origin: at(`/var/${'a/'.repeat(2044)}L2E=`) }, /too long/],
    ['no encoded share', { origin: at('/var/triliovault-mounts/-rf') }, /is no mount path/],
    ['a folder of the system', { origin: at('/etc/cron.d/L2E=') }, /folder of the system/],
    ['the share itself', { origin: at(`${local}/L2E=`) }, /one is inside the other/],
  ]
  for (const [what, changes, why] of refusals)
    it(`refuses ${what}, and does nothing`, () => {
      for (const persist of [false, true]) {
        const plan = planOf(changes, { persist })
        assert.deepEqual(plan.actions, [])
        assert.match(plan.refusals.map((one) => one.why).join(), why)
      }
    })

  it('takes an empty directory, and one whose name begins with a dash', () => {
    assert.deepEqual(kindsOf(planOf({ origin: { path: origin, kind: 'directory', isEmpty: true } })), [
      'make-directory',
      'bind',
    ])
    assert.deepEqual(kindsOf(planOf({ origin: at('/-base/L2E=') })), ['make-directory', 'bind'])
  })

  it('refuses to bind what the product mounts on demand, as the inventory or the version says', () => {
    const byVersion: PlanOptions = { persist: false, mountsOnDemand: true }
    const asked: PlanOptions = { persist: false, mountedBy: 'product' }
    for (const plan of [planOf({}, asked), planOf({ isLocalInFstab: false }, byVersion)]) {
      assert.deepEqual(plan.actions, [])
      assert.match(plan.refusals[0]?.why ?? '', /the product mounts .* itself/)
    }
    // Whoever has written it down for a host knows better.
    assert.equal(planOf({}, byVersion).actions.length, 2)
    assert.equal(planOf({ isLocalInFstab: false }, { ...byVersion, mountedBy: 'fstab' }).actions.length, 2)
  })

  it('says what it is not known who mounts, and binds it', () => {
    const unknown = planOf({ isLocalInFstab: false })
    assert.equal(unknown.actions.length, 2)
    assert.match(unknown.notes.join(), /if the product mounts it when it needs it/)
    assert.deepEqual(planOf({ isLocalInFstab: false }, { persist: false, mountsOnDemand: false }).notes, [])
    assert.deepEqual(planOf({}).notes, [])
  })

  it('promises no bind that lasts of a share that fstab does not mount, whatever the inventory says', () => {
    for (const changes of [{}, bound])
      for (const options of [{ mountedBy: 'fstab' }, { mountedBy: 'product' }, {}] as const) {
        const plan = planOf({ ...changes, isLocalInFstab: false }, { persist: true, ...options })
        assert.deepEqual(plan.actions, [])
        const isRefusedAnyway = options.mountedBy === 'product' && changes !== bound
        assert.match(
          plan.refusals[0]?.why ?? '',
          isRefusedAnyway ? /a bind would go on showing/ : /cannot be kept over reboots/,
        )
      }
  })

  it('has nothing to do where a link or a bound folder leads to the share', () => {
    const id = '41:2'
    const there: PathState = { ...isThere(local), id }
    const ways: PathState[] = [
      { path: origin, kind: 'directory', isEmpty: false, id, link: '/var/triliovault-mounts' },
      { path: origin, kind: 'directory', isEmpty: false, id },
    ]
    for (const way of ways)
      for (const persist of [false, true]) {
        const { actions, refusals } = planOf({ local: there, origin: way }, { persist })
        assert.deepEqual([actions, refusals], [[], []])
      }
    assert.equal(planOf({ local: there, origin: { ...ways[1], id: '41:3' } as PathState }).refusals.length, 1)
    const nothing: PathState = { path: local, kind: 'directory', isEmpty: false, id }
    assert.match(planOf({ local: nothing, origin: ways[1] as PathState }).refusals[0]?.why ?? '', /nothing is mounted/)
  })

  it('does nothing that is to last where fstab cannot be added to', () => {
    const whyNotFstab = '/etc/fstab is a symbolic link'
    assert.deepEqual(planOf({}, { persist: true }, { whyNotFstab }).actions, [])
    assert.equal(planOf({}, { persist: false }, { whyNotFstab }).actions.length, 2)
  })

  it('is not done where a target is missing, also where no origin path stands for it', () => {
    const refusalsOf = (node: Partial<NodeState>) =>
      planOf({}, { persist: false }, { pairs: [], ...node }).refusals.map(({ why }) => why)
    const missing: PathState = { path: local, kind: 'directory' }
    assert.deepEqual(refusalsOf({ targets: [{ host: isThere(local) }] }), [])
    assert.deepEqual(refusalsOf({ targets: [{ host: missing }] }), [`nothing is mounted at ${local}`])
    assert.match(refusalsOf({ targets: [{ host: isThere(local), service: missing }] }).join(), /service does not see/)
    // One refusal is enough where the pair has it already.
    assert.equal(refusalsOf({ pairs: [{ ...pair, local: missing }], targets: [{ host: missing }] }).length, 1)
  })

  it('is not done where the host sees the data and the service does not', () => {
    const service = { local: isThere(local), origin: { path: origin, kind: 'directory', isEmpty: true } as const }
    assert.match(planOf({ ...bound, service }).refusals[0]?.why ?? '', /the product's service does not/)
    const state = { where: 'node', targets: [], isSystemd: true, qemuImg: 'qemu-img version 7.2.22', pairs: [] }
    assert.equal(resolves(state, { ...bound, service }), false)
    assert.equal(resolves(state, bound), true)
    assert.equal(resolves({ ...state, serviceUnknown: 'no container' }, bound), undefined)
  })
})
