import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { NodeState, PairState, PathState } from '../node/node-state.ts'
import type { NodePlan } from '../strategy/strategy.ts'
import { withBlockers } from './restore-blockers.ts'

const local = '/var/triliovault-mounts/MTAuMjAuMi4yMDovcmVwbGljYQ=='
const origin = '/var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0='
const missing: PathState = { path: local, kind: 'directory' }
const mounted: PathState = {
  ...missing,
  mount: { of: '0:40 /', type: 'nfs', source: 'server:/replica', isShared: true },
}
const resolves = { state: 'resolves' } as const
const gone = { state: 'missing', reason: 'image missing', why: `${local} is empty` } as const
const at = { path: local, local }
const nothing = { where: 'node', actions: [], refusals: [], notes: [] }

function blockersOf(changes: Partial<NodeState>, plan: NodePlan = nothing) {
  const node = { where: 'node', found: [], targets: [], pairs: [], isSystemd: true, qemuImg: 'qemu-img version 7.2.22' }
  return withBlockers(plan, { ...node, ...changes }, { zstd: 2 })
}
const whysOf = (changes: Partial<NodeState>) => blockersOf(changes).refusals.map(({ why }) => why)

describe('what keeps a node from restoring', () => {
  it('is a target that is not mounted, has other files, or that the service does not see', () => {
    const found = [{ ...at, host: resolves }]
    assert.deepEqual(whysOf({ found, targets: [{ host: mounted }] }), [])
    assert.deepEqual(whysOf({ found, targets: [{ host: missing }] }), [`nothing is mounted at ${local}`])
    assert.deepEqual(whysOf({ found: [{ ...at, host: gone }], targets: [{ host: mounted }] }), [`${local} is empty`])
    const hidden = [{ ...at, host: resolves, service: gone }]
    const { refusals } = blockersOf({ found: hidden, targets: [{ host: mounted, service: missing }] })
    const why = `the host sees it, but the product's service does not: ${local} is empty`
    assert.deepEqual(refusals, [{ origin: local, why, remedy: 'Restart the container of the service.' }])
  })

  it('is not a target of which nothing is known', () => {
    assert.deepEqual(whysOf({ targets: [{ host: mounted }] }), [])
  })

  it('is reported once for a target whose origin path is refused already', () => {
    const pair: PairState = {
      local: missing,
      origin: { path: origin, kind: 'missing' },
      isKeptInFstab: false,
      isLocalInFstab: true,
    }
    const node = { targets: [{ host: missing }], pairs: [pair] }
    const refused = { ...nothing, refusals: [{ origin, why: 'nothing is mounted', remedy: '' }] }
    assert.equal(blockersOf(node, refused).refusals.length, 1)
    assert.equal(blockersOf(node).refusals.length, 1)
  })

  it('is a qemu-img where the service runs that is too old for some images', () => {
    assert.match(whysOf({ qemuImg: 'qemu-img version 4.2.1' }).join(), /compression by zstd needs 5\.1 or later/)
    assert.deepEqual(whysOf({ qemuImg: 'qemu-img version 4.2.1', serviceQemuImg: 'qemu-img version 7.2' }), [])
  })

  it('is unknown if the service cannot be entered', () => {
    const node = { qemuImg: '', serviceUnknown: 'no container', targets: [{ host: mounted }] }
    assert.deepEqual(whysOf(node), [])
    assert.deepEqual(blockersOf(node).notes, ["what the product's service sees is unknown: no container"])
    assert.match(blockersOf({ qemuImg: '' }).notes.join(), /no qemu-img is installed/)
  })
})
