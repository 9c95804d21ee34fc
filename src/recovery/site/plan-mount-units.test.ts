import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PairState } from '../node/node-state.ts'
import { planMountUnits } from './plan-mount-units.ts'
import type { RecoveryPlan } from './recovery-plan.ts'

const local = '/var/triliovault-mounts/MTAuMjAuMi4yMDovcmVwbGljYQ=='
const origin = '/var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0='
const isAway: PairState = {
  local: { path: local, kind: 'directory', isEmpty: true },
  origin: { path: origin, kind: 'missing' },
  isKeptInFstab: false,
  isLocalInFstab: false,
}

const targets = [local]

function unitsOf(...states: readonly PairState[]): string {
  const needs = [{ origin: states[0]?.origin.path ?? origin, local, was: 'host:/export', images: 1 }]
  const nodes = states.map((pair, index) => ({ where: `node-${index + 1}`, state: { pairs: [pair] } }))
  return planMountUnits({ needs, nodes, targets } as unknown as RecoveryPlan)
}

describe('mount units of a plan', () => {
  it('bind a share that comes and goes', () => {
    assert.match(unitsOf(isAway, isAway), /ExecStart=.*MTAuMTAuMi4yMDovdXBzdHJlYW0=/)
  })

  it('are replaced by the reason where a bind is refused', () => {
    const cases: readonly [PairState['origin'], RegExp][] = [
      [{ path: '/etc/cron.d/L2E=', kind: 'directory', isEmpty: false }, /node-1: .*it is in a system folder/],
      [{ path: '/var/m/../L2E=', kind: 'missing' }, /node-1: .*cannot be bound/],
      [{ path: '/var/m\nExecStart=/bin/reboot/L2E=', kind: 'missing' }, /node-1: .*newline/],
      [{ path: origin, kind: 'directory', isEmpty: false }, /node-1: .*is not empty/],
      [{ path: origin, kind: 'missing', link: '/var' }, /node-1: \/var is a symbolic link/],
      [
        { path: origin, kind: 'directory', mount: { of: '8:1 /', type: 'ext4', source: '/dev/sdb', isShared: true } },
        /node-1: ext4 \/dev\/sdb is already mounted/,
      ],
    ]
    for (const [at, why] of cases) {
      const text = unitsOf({ ...isAway, origin: at }, { ...isAway, origin: { path: at.path, kind: 'missing' } })
      assert.match(text, why)
      assert.doesNotMatch(text, /^[^#\n]/m)
    }
  })

  it('are refused for a strange base directory, unless it is allowed', () => {
    const path = '/var/spool/MTAuMTAuMi4yMDovdXBzdHJlYW0='
    const needs = [{ origin: path, local, was: 'host:/export', images: 1 }]
    const pair = { ...isAway, origin: { ...isAway.origin, path } }
    const plan = { needs, targets, nodes: [{ where: 'node', state: { pairs: [pair] } }] } as unknown as RecoveryPlan
    assert.match(planMountUnits(plan), /^# refused: .* is in \/var\/spool, which is not a base directory/)
    assert.match(planMountUnits(plan, ['/var/spool']), /ExecStart=/)
  })

  it('are refused for a path that would have to show two targets, and if no node was read', () => {
    const needs = [local, `${local}2`].map((one) => ({ origin, local: one, was: 'host:/export', images: 1 }))
    const plan = { needs, targets, nodes: [{ where: 'node', state: { pairs: [isAway] } }] } as unknown as RecoveryPlan
    assert.match(planMountUnits(plan), /would have to show two targets/)
    assert.doesNotMatch(planMountUnits(plan), /^[^#\n]/m)
    assert.match(planMountUnits({ ...plan, needs: needs.slice(0, 1), nodes: [] }), /no node could be read/)
  })
})
