import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Action } from '../action/actions.ts'
import type { RecoveryPlan } from './plan.ts'
import { whatMoved } from './plan-file.ts'

const [local, origin] = ['/mounts/L2xvY2Fs', '/mounts/L29yaWdpbg==']
const state = {
  where: 'a/compute',
  targets: [],
  pairs: [
    {
      local: { path: local, kind: 'directory' },
      origin: { path: origin, kind: 'missing' },
      isKeptInFstab: false,
      isLocalInFstab: true,
    },
  ],
  isSystemd: true,
  qemuImg: '',
} as const
const actions: readonly Action[] = [
  { kind: 'make-directory', path: origin },
  { kind: 'bind', local, origin },
]
const planWith = (changes: Partial<RecoveryPlan>): RecoveryPlan => ({
  madeAt: '2026-01-01T00:00:00.000Z',
  site: 'a',
  targets: [local],
  strategy: 'bind-mount',
  persist: false,
  madeWith: {},
  user: { uid: 162, gid: 162 },
  images: 2,
  formats: {},
  needs: [{ origin, local, was: '', images: 1 }],
  broken: [],
  unread: [],
  foreign: 0,
  listedBy: 'a/compute',
  nodes: [{ where: 'a/compute', actions, refusals: [], notes: [], state }],
  unknown: [],
  ...changes,
})
const nodeWith = (some: readonly Action[]) => ({ where: 'a/compute', actions: some, refusals: [], notes: [], state })
const rename = { path: `${local}/x`, from: `${origin}/y`, to: `${local}/y`, parent: `${local}/y` }
const rebase = { where: 'a/compute', user: { uid: 162, gid: 162 }, renames: [rename], refused: [] }

describe('a plan that was reviewed', () => {
  it('holds for what is in it, or less', () => {
    assert.deepEqual(whatMoved(planWith({}), planWith({ madeAt: 'later', images: 3 })), [])
    assert.deepEqual(whatMoved(planWith({}), planWith({ nodes: [nodeWith(actions.slice(1))] })), [])
    assert.deepEqual(whatMoved(planWith({ rebase }), planWith({ rebase: { ...rebase, renames: [] } })), [])
  })

  it('does not hold for an action that is not in it, though nothing has moved on the node', () => {
    const reviewed = planWith({ nodes: [nodeWith([])] })
    assert.deepEqual(whatMoved(reviewed, planWith({})), [
      `a/compute: to make the directory ${origin} is not in the plan`,
      `a/compute: to bind ${local} to ${origin} is not in the plan`,
    ])
  })

  const others: [what: string, now: Partial<RecoveryPlan>, said: RegExp][] = [
    ['other targets', { targets: ['/mounts/L3g='] }, /^the targets was/],
    ['another user', { user: { uid: 1, gid: 1 } }, /^the product’s user was/],
    ['another executor', { rebase: { ...rebase, where: 'a/other' } }, /^who rebases was/],
    ['another owner', { rebase: { ...rebase, user: { uid: 1, gid: 1 } } }, /^who rebases was/],
    ['another name', { rebase: { ...rebase, renames: [{ ...rename, to: '/z' }] } }, /^images to rebase that are not/],
    ['another old name', { rebase: { ...rebase, renames: [{ ...rename, from: '/z' }] } }, /^images to rebase that/],
  ]
  for (const [what, now, said] of others)
    it(`does not hold for ${what}`, () => {
      const moved = whatMoved(planWith({ rebase }), planWith({ rebase, ...now }))
      assert.equal(moved.length, 1)
      assert.match(moved[0] ?? '', said)
    })
})
