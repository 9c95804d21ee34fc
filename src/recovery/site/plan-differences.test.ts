import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Action } from '../action/kinds.ts'
import type { PairState, PathState } from '../node/node-state.ts'
import type { PlanWithImages } from './make-plan.ts'
import { planDifferences } from './plan-differences.ts'
import { local, node, origin, plan, state } from './recovery-plan.fixture.ts'
import type { RecoveryPlan } from './recovery-plan.ts'

const { actions } = node
const planWith = (changes: Partial<RecoveryPlan>): RecoveryPlan => ({ ...plan, ...changes })
const nodeWith = (some: readonly Action[]) => ({ where: 'a/compute', actions: some, refusals: [], notes: [], state })
const rename = { path: `${local}/x`, from: `${origin}/y`, to: `${local}/y`, parent: `${local}/y` }
const renaming = { kind: 'rename-parents', user: { uid: 162, gid: 162 }, targets: [local], renames: [rename] } as const

const now = (changes: Partial<RecoveryPlan>, images: PlanWithImages['images'] = []): PlanWithImages => ({
  plan: planWith(changes),
  images,
})
const image = (parent: string) => ({ target: 0, path: 'x', parent, uid: 162, gid: 162, mtime: 0 })
const withOrigin = (origin: Partial<PathState>, actions: readonly Action[]) => {
  const [pair] = state.pairs
  return { ...nodeWith(actions), state: { ...state, pairs: [{ ...pair, origin: { ...pair.origin, ...origin } }] } }
}

describe('planDifferences', () => {
  it('are none if the same is planned, or if the rest is done', () => {
    assert.deepEqual(planDifferences(planWith({}), now({ madeAt: 'later', images: 3 })), [])
    const made = withOrigin({ kind: 'directory', isEmpty: true }, actions.slice(1))
    assert.deepEqual(planDifferences(planWith({}), now({ nodes: [made] })), [])
    const renamed = now({ nodes: [nodeWith([])] }, [image(rename.to)])
    assert.deepEqual(planDifferences(planWith({ nodes: [nodeWith([renaming])] }), renamed), [])
  })

  it('are none if the line of fstab is added already, beside a line that binds nothing', () => {
    const persist: Action = { kind: 'persist', local, origin }
    const withFstab = (all: readonly Action[], fstab: Pick<PairState, 'isKeptInFstab' | 'fstabRemarks'>) => {
      const [pair] = state.pairs
      return { ...nodeWith(all), state: { ...state, pairs: [{ ...pair, ...fstab }] } }
    }
    const fstabRemarks = ['line 2 of /etc/fstab binds nothing at boot: it has the option noauto']
    const plan = planWith({ nodes: [withFstab([persist], { isKeptInFstab: false, fstabRemarks })] })
    assert.deepEqual(planDifferences(plan, now({ nodes: [withFstab([], { isKeptInFstab: true })] })), [])
    const other = withFstab([persist], { isKeptInFstab: false, fstabRemarks: ['line 3'] })
    assert.match(planDifferences(plan, now({ nodes: [other] })).join(), /fstabRemarks: was/)
  })

  it('include each action that the plan does not have, though nothing has changed on the node', () => {
    const reviewed = planWith({ nodes: [nodeWith([])] })
    assert.deepEqual(planDifferences(reviewed, now({})), [
      `a/compute: not in the plan: make the directory ${origin}`,
      `a/compute: not in the plan: bind ${local} to ${origin}`,
    ])
  })

  it('include each action of the plan that would not be done and is not done', () => {
    const left = (sentence: string) => `a/compute: in the plan, and would not be done: ${sentence}`
    const other = { kind: 'make-directory', path: '/etc/cron.d' } as const
    const written = planWith({ nodes: [nodeWith([...actions, other])] })
    assert.deepEqual(planDifferences(written, now({})), [
      left('make the directory /etc/cron.d: it is not what this site needs'),
    ])
    const refusals = [{ origin, why: 'no', remedy: '' }]
    assert.deepEqual(planDifferences(planWith({}), now({ nodes: [{ ...nodeWith([]), refusals }] })), [
      left(`make the directory ${origin}: refused: no`),
      left(`bind ${local} to ${origin}: refused: no`),
    ])
    const unchanged = now({ nodes: [nodeWith([])] }, [image(rename.from)])
    assert.deepEqual(planDifferences(planWith({ nodes: [nodeWith([renaming])] }), unchanged), [
      left('rewrite the parent names in 1 image, as 162:162: it is not what this site needs'),
    ])
  })

  const others: [what: string, now: Partial<RecoveryPlan>, message: RegExp, further: number][] = [
    ['other targets', { targets: ['/mounts/L3g='] }, /^targets: was/, 0],
    ['another strategy', { strategy: 'bind-mount' }, /^strategy: was "rebase", is "bind-mount"/, 0],
    ['binds that are kept', { persist: true }, /^persist: was false, is true/, 0],
    ['another user', { user: { uid: 1, gid: 1 } }, /^product’s user: was/, 0],
    [
      'another owner of images',
      { nodes: [nodeWith([{ ...renaming, user: { uid: 1, gid: 1 } }])] },
      /^a\/compute: not in the plan: rewrite the parent names in 1 image, as 1:1$/,
      1,
    ],
    [
      'another new name',
      { nodes: [nodeWith([{ ...renaming, renames: [rename, { ...rename, to: '/z' }] }])] },
      /^a\/compute: not in the plan: rewrite the parent names in 1 image/,
      0,
    ],
    [
      'another old name',
      { nodes: [nodeWith([{ ...renaming, renames: [{ ...rename, from: '/z' }] }])] },
      /^a\/compute: not in the plan: rewrite the parent names in 1 image/,
      1,
    ],
  ]
  for (const [what, changes, message, further] of others)
    it(`include ${what}`, () => {
      const plan = { strategy: 'rebase', nodes: [nodeWith([renaming])] }
      const differences = planDifferences(planWith(plan), now({ ...plan, ...changes }))
      assert.equal(differences.length, 1 + further, differences.join())
      assert.match(differences[0] ?? '', message)
    })

  it('include another node that rewrites the images', () => {
    const other = { ...nodeWith([renaming]), where: 'a/other' }
    const idle = { ...nodeWith([]), where: 'a/other' }
    const plan = planWith({ nodes: [nodeWith([renaming]), idle] })
    assert.deepEqual(planDifferences(plan, now({ nodes: [nodeWith([]), other] })), [
      'a/other: not in the plan: rewrite the parent names in 1 image, as 162:162',
      'a/compute: in the plan, and would not be done: rewrite the parent names in 1 image, as 162:162: it is not what this site needs',
    ])
  })
})
