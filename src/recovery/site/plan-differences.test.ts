import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Action } from '../action/kinds.ts'
import { planDifferences } from './plan-differences.ts'
import type { RecoveryPlan } from './recovery-plan.ts'

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
const renaming = { kind: 'rename-parents', user: { uid: 162, gid: 162 }, targets: [local], renames: [rename] } as const

describe('planDifferences', () => {
  it('are none if the same is planned, or less', () => {
    assert.deepEqual(planDifferences(planWith({}), planWith({ madeAt: 'later', images: 3 })), [])
    assert.deepEqual(planDifferences(planWith({}), planWith({ nodes: [nodeWith(actions.slice(1))] })), [])
    assert.deepEqual(
      planDifferences(planWith({ nodes: [nodeWith([renaming])] }), planWith({ nodes: [nodeWith([])] })),
      [],
    )
  })

  it('include each action that the plan does not have, though nothing has changed on the node', () => {
    const reviewed = planWith({ nodes: [nodeWith([])] })
    assert.deepEqual(planDifferences(reviewed, planWith({})), [
      `a/compute: not in the plan: make the directory ${origin}`,
      `a/compute: not in the plan: bind ${local} to ${origin}`,
    ])
  })

  const others: [what: string, now: Partial<RecoveryPlan>, message: RegExp][] = [
    ['other targets', { targets: ['/mounts/L3g='] }, /^targets: was/],
    ['another user', { user: { uid: 1, gid: 1 } }, /^product’s user: was/],
    [
      'another owner of images',
      { nodes: [nodeWith([{ ...renaming, user: { uid: 1, gid: 1 } }])] },
      /^a\/compute: not in the plan: rewrite the parent names in 1 image, as 1:1$/,
    ],
    [
      'another new name',
      { nodes: [nodeWith([{ ...renaming, renames: [rename, { ...rename, to: '/z' }] }])] },
      /^a\/compute: not in the plan: rewrite the parent names in 1 image/,
    ],
    [
      'another old name',
      { nodes: [nodeWith([{ ...renaming, renames: [{ ...rename, from: '/z' }] }])] },
      /^a\/compute: not in the plan: rewrite the parent names in 1 image/,
    ],
  ]
  for (const [what, now, message] of others)
    it(`include ${what}`, () => {
      const nodes = [nodeWith([renaming])]
      const differences = planDifferences(planWith({ nodes }), planWith({ nodes, ...now }))
      assert.equal(differences.length, 1, differences.join())
      assert.match(differences[0] ?? '', message)
    })

  it('include another node that rewrites the images', () => {
    const other = { ...nodeWith([renaming]), where: 'a/other' }
    const idle = { ...nodeWith([]), where: 'a/other' }
    const plan = planWith({ nodes: [nodeWith([renaming]), idle] })
    assert.deepEqual(planDifferences(plan, planWith({ nodes: [nodeWith([]), other] })), [
      'a/other: not in the plan: rewrite the parent names in 1 image, as 162:162',
    ])
  })
})
