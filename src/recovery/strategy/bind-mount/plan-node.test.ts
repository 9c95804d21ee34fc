import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PathFinding } from '../../../reason/path-evidence.ts'
import {
  type FoundPath,
  findingAt,
  type NodeState,
  type PairState,
  type PathState,
  shows,
} from '../../node/node-state.ts'
import { type BindOptions, planNode } from './plan-node.ts'

const local = '/var/triliovault-mounts/MTAuMjAuMi4yMDovcmVwbGljYQ=='
const origin = '/var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0='
const mountOf = (of: string) => ({ of, type: 'nfs', source: `server:${of}`, isShared: true })
const share = mountOf('0:40 /')
const mounted = (path: string): PathState => ({ path, kind: 'directory', mount: share })

const pair: PairState = {
  local: mounted(local),
  origin: { path: origin, kind: 'missing' },
  isKeptInFstab: false,
  isLocalInFstab: true,
}
const bound: PairState = { ...pair, origin: mounted(origin) }

function planOf(changes: Partial<PairState>, options: BindOptions = { persist: false }, node: Partial<NodeState> = {}) {
  const one = { ...pair, ...changes }
  const state = { where: 'node', targets: [], isSystemd: true, qemuImg: 'qemu-img version 7.2.22', pairs: [one] }
  return planNode({ ...state, found: foundIn(one), ...node }, options)
}

const resolves: PathFinding = { state: 'resolves' }
const missing: PathFinding = { state: 'missing', reason: 'image missing', why: 'it is empty' }

/** The findings on a node whose mounts lead to the expected images. */
function foundIn(one: PairState): readonly FoundPath[] {
  const { service } = one
  const seen = (isThere: boolean): PathFinding => (isThere ? resolves : missing)
  const at = (place: Pick<PairState, 'local' | 'origin'>) => ({
    local: seen(place.local.mount !== undefined),
    origin: seen(shows(place.origin, place.local)),
  })
  return (['local', 'origin'] as const).map((which) => ({
    path: one[which].path,
    local: one.local.path,
    host: at(one)[which],
    ...(service && { service: at(service)[which] }),
  }))
}
const kindsOf = (plan: ReturnType<typeof planNode>) => plan.actions.map(({ kind }) => kind)

describe('the plan of a bind mount', () => {
  it('has only what is needed', () => {
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
      { origin: { ...mounted(origin), mount: mountOf('0:41 /') } },
      /0:41 \/ is already mounted at .*, and is not what is mounted at/,
    ],
    ['a file there', { origin: { path: origin, kind: 'other' } }, /is not a directory/],
    ['an unreadable path', { origin: { path: origin, kind: 'unreadable', error: 'Stale file handle' } }, /Stale/],
    [
      'a link on the way to it',
      { origin: { path: origin, kind: 'missing', link: '/var' } },
      /\/var is a symbolic link/,
    ],
    ['a link on the way to the share', { local: { ...mounted(local), link: local } }, /is a symbolic link/],
    ['".."', { origin: at('/var/triliovault-mounts/../../L2E=') }, /"\.\."/],
    ['a newline', { origin: at('/var/a\nb/L2E=') }, /newline/],
    ['4,096 characters', { origin: at(`/var/${'a/'.repeat(2044)}L2E=`) }, /too long/],
    ['no encoded share', { origin: at('/var/triliovault-mounts/-rf') }, /is not a mount path/],
    ['a folder of the system', { origin: at('/etc/cron.d/L2E=') }, /system folder/],
    ['the share itself', { origin: at(`${local}/L2E=`) }, /one is inside the other/],
  ]
  for (const [what, changes, why] of refusals)
    it(`refuses ${what}, and has no action`, () => {
      for (const persist of [false, true]) {
        const plan = planOf(changes, { persist })
        assert.deepEqual(plan.actions, [])
        assert.match(plan.refusals.map((one) => one.why).join(), why)
      }
    })

  it('accepts an empty directory, and one whose name begins with a dash', () => {
    assert.deepEqual(kindsOf(planOf({ origin: { path: origin, kind: 'directory', isEmpty: true } })), [
      'make-directory',
      'bind',
    ])
    assert.deepEqual(kindsOf(planOf({ origin: at('/-base/L2E=') })), ['make-directory', 'bind'])
  })

  it('refuses to bind what the product mounts on demand, by the inventory or by the version', () => {
    const byVersion: BindOptions = { persist: false, mountsOnDemand: true }
    const asked: BindOptions = { persist: false, mountedBy: 'product' }
    for (const plan of [planOf({}, asked), planOf({ isLocalInFstab: false }, byVersion)]) {
      assert.deepEqual(plan.actions, [])
      assert.match(plan.refusals[0]?.why ?? '', /the product mounts .* on demand/)
    }
    // An inventory knows better than a version.
    assert.equal(planOf({}, byVersion).actions.length, 2)
    assert.equal(planOf({ isLocalInFstab: false }, { ...byVersion, mountedBy: 'fstab' }).actions.length, 2)
  })

  it('notes that it is unknown what mounts the share, and binds it', () => {
    const unknown = planOf({ isLocalInFstab: false })
    assert.equal(unknown.actions.length, 2)
    assert.match(unknown.notes.join(), /If the product mounts it on demand/)
    assert.deepEqual(planOf({ isLocalInFstab: false }, { persist: false, mountsOnDemand: false }).notes, [])
    assert.deepEqual(planOf({}).notes, [])
  })

  it('refuses a bind that lasts if fstab does not mount the share, whatever the inventory has', () => {
    for (const changes of [{}, bound])
      for (const options of [{ mountedBy: 'fstab' }, { mountedBy: 'product' }, {}] as const) {
        const plan = planOf({ ...changes, isLocalInFstab: false }, { persist: true, ...options })
        assert.deepEqual(plan.actions, [])
        const isRefusedAnyway = options.mountedBy === 'product' && changes !== bound
        assert.match(
          plan.refusals[0]?.why ?? '',
          isRefusedAnyway ? /a bind would keep showing/ : /cannot be kept over reboots/,
        )
      }
  })

  it('adds a line, and reports the lines of fstab that bind nothing, unless they are in its way', () => {
    const fstabRemarks = ['line 5 of /etc/fstab binds nothing at boot: it has the option noauto']
    const plan = planOf({ ...bound, fstabRemarks }, { persist: true })
    assert.deepEqual([kindsOf(plan), plan.notes], [['persist'], fstabRemarks])
    assert.deepEqual(planOf({ ...bound, fstabRemarks }).notes, [])
    const whyNoLine = { why: 'systemd ignores a second line', remedy: 'Replace line 5.' }
    const refused = planOf({ ...bound, fstabRemarks, whyNoLine }, { persist: true })
    assert.deepEqual([kindsOf(refused), refused.refusals], [[], [{ origin, ...whyNoLine }]])
    assert.deepEqual(kindsOf(planOf({ whyNoLine })), ['make-directory', 'bind'])
  })

  it('has nothing to do for a line that works, and reports what can go wrong with it', () => {
    const fstabRemarks = ['line 5 of /etc/fstab is required by the boot']
    for (const changes of [bound, {}]) {
      const plan = planOf({ ...changes, isKeptInFstab: true, fstabRemarks }, { persist: true })
      assert.deepEqual([kindsOf(plan).includes('persist'), plan.refusals, plan.notes], [false, [], fstabRemarks])
    }
  })

  it('has nothing to do if a link or a bound folder leads to the share', () => {
    const id = '41:2'
    const there: PathState = { ...mounted(local), id }
    const ways: PathState[] = [
      { path: origin, kind: 'directory', isEmpty: false, id, link: '/var/triliovault-mounts' },
      { path: origin, kind: 'directory', isEmpty: false, id },
    ]
    const planFor = (way: PathState, persist: boolean, changes: Partial<PairState> = {}) => {
      const { actions, refusals } = planOf({ local: there, origin: way, ...changes }, { persist })
      return [actions, refusals.map(({ why }) => why)]
    }
    for (const way of ways) {
      assert.deepEqual(planFor(way, false), [[], []])
      assert.deepEqual(planFor(way, true, { isKeptInFstab: true }), [[], []])
    }
    assert.deepEqual(planFor(ways[0] as PathState, true), [[], []])
    const [, refusals] = planFor(ways[1] as PathState, true)
    assert.match(
      String(refusals),
      /leads to the share through a mount above it, which \/etc\/fstab does not make at boot/,
    )
    assert.equal(planOf({ local: there, origin: { ...ways[1], id: '41:3' } as PathState }).refusals.length, 1)
    const nothing: PathState = { path: local, kind: 'directory', isEmpty: false, id }
    assert.match(planOf({ local: nothing, origin: ways[1] as PathState }).refusals[0]?.why ?? '', /nothing is mounted/)
  })

  it('refuses a bind that lasts if no line can be added to fstab', () => {
    const whyNotFstab = '/etc/fstab is a symbolic link'
    assert.deepEqual(planOf({}, { persist: true }, { whyNotFstab }).actions, [])
    assert.equal(planOf({}, { persist: false }, { whyNotFstab }).actions.length, 2)
  })

  it('refuses a node whose host sees the data while the service does not', () => {
    const service = { local: mounted(local), origin: { path: origin, kind: 'directory', isEmpty: true } as const }
    assert.match(planOf({ ...bound, service }).refusals[0]?.why ?? '', /the product's service does not/)
    const state = { where: 'node', targets: [], isSystemd: true, qemuImg: 'qemu-img version 7.2.22', pairs: [] }
    const findingOf = (one: PairState, node: Partial<NodeState> = {}) =>
      findingAt({ ...state, found: foundIn(one), ...node }, origin, local)
    assert.deepEqual(findingOf({ ...bound, service }), {
      ...missing,
      why: "the host sees it, but the product's service does not: it is empty",
    })
    assert.deepEqual(findingOf(bound), resolves)
    assert.deepEqual(findingOf(bound, { serviceUnknown: 'no container' }), { state: 'unknown', why: 'no container' })
    assert.deepEqual(findingOf(pair, { serviceUnknown: 'no container' }), missing)
  })

  describe('with mounts that lead to other files than expected', () => {
    const other: PathFinding = { state: 'wrong', reason: 'another target', why: 'it is another target' }
    const found = (path: string, host: PathFinding): FoundPath => ({ path, local, host })

    it('refuses a bind in place, and has nothing to do on no node', () => {
      for (const persist of [false, true])
        for (const finding of [missing, other, { state: 'unknown', why: 'it failed' } as const]) {
          const files = [found(local, resolves), found(origin, finding)]
          const { actions, refusals } = planOf({ ...bound, isKeptInFstab: true }, { persist }, { found: files })
          assert.deepEqual([actions, refusals.map(({ why }) => why)], [[], [finding.why]])
        }
    })
    it('refuses to bind a path without the expected images', () => {
      for (const finding of [missing, other]) {
        const { actions, refusals } = planOf({}, { persist: true }, { found: [found(local, finding)] })
        assert.deepEqual([actions, refusals.map(({ why }) => why)], [[], [finding.why]])
      }
    })
    it('binds a path of which not all images could be read', () => {
      const unknown: PathFinding = { state: 'unknown', reason: 'permission denied', why: 'one is closed' }
      assert.equal(planOf({}, { persist: false }, { found: [found(local, unknown)] }).actions.length, 2)
    })
    it('has nothing to do for a share that is mounted at both paths', () => {
      const twice = { ...bound, origin: { ...mounted(origin), mount: mountOf('0:41 /') } }
      const { actions, refusals } = planOf(
        twice,
        { persist: false },
        { found: [found(local, resolves), found(origin, resolves)] },
      )
      assert.deepEqual([actions, refusals], [[], []])
    })
  })
})
