import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { CloudInput } from '../identity/cloud-schema.ts'
import { uuidFrom } from '../target/layout.ts'
import { plainStyle } from '../text/style.ts'
import { type Assessed, checkHandover } from './handover-check.ts'
import { handoverCheckText } from './handover-check-text.ts'
import { parseMapping } from './mapping.ts'
import { judgeFor, newCloud, ownedBy, ownerOf } from './owned-workload.fixture.ts'
import type { OwnedWorkload } from './owned-workload.ts'

const ours = ownerOf('Default/web-shop', 'Default/alice')
const theirs = ownerOf('Default/web-shop', 'Default/alice', 'old')
const id = uuidFrom('web')
const restorable: Assessed = new Map([[id, { standing: 'restores' }]])

interface Asked {
  readonly workloads?: readonly OwnedWorkload[]
  readonly mapping?: string
  readonly cloud?: CloudInput
  readonly assessed?: Assessed
  readonly unseen?: readonly string[]
}

const checked = ({ workloads = [handedOver], mapping = '', cloud = newCloud, unseen = [], ...others }: Asked) =>
  checkHandover({
    cloud: 'recovery',
    targets: ['/a'],
    workloads,
    mapping: parseMapping(
      `cloud: recovery\nowners:\n- {project: Default/web-shop, user: alice, workloads: [${id}]}\n${mapping}`,
      'm.yaml',
    ),
    judge: judgeFor(cloud),
    assessed: 'assessed' in others ? others.assessed : restorable,
    unseen,
  })

const handedOver = ownedBy('web', { owner: ours })

const cases: readonly (readonly [
  what: string,
  asked: Asked,
  codes: readonly string[],
  exitCode: number,
  message?: RegExp,
])[] = [
  ['all is as the mapping says', {}, [], 0],
  [
    'no record was changed',
    { workloads: [ownedBy('web')] },
    ['not-reassigned'],
    1,
    /its 3 records name another owner: project [\da-f]{32}, user/,
  ],
  [
    'only its own record was changed',
    {
      workloads: [
        ownedBy('web', {
          owner: ours,
          snapshots: [
            { id: 's1', owner: theirs },
            { id: 's2', owner: ours },
          ],
        }),
      ],
    },
    ['half-changed'],
    1,
    /^1 of 3 records name another owner, e\.g\. the record of snapshot s1/,
  ],
  [
    'only the project of a snapshot was changed',
    {
      workloads: [
        ownedBy('web', { owner: ours, snapshots: [{ id: 's1', owner: { ...ours, userId: theirs.userId } }] }),
      ],
    },
    ['half-changed'],
    1,
  ],
  [
    'only the user of a snapshot was changed',
    {
      workloads: [
        ownedBy('web', { owner: ours, snapshots: [{ id: 's1', owner: { ...ours, projectId: theirs.projectId } }] }),
      ],
    },
    ['half-changed'],
    1,
  ],
  [
    'a snapshot names no owner',
    { workloads: [ownedBy('web', { owner: ours, snapshots: [{ id: 's1', owner: {} }] })] },
    ['half-changed'],
    1,
  ],
  [
    'the record of a snapshot is damaged',
    {
      workloads: [
        ownedBy('web', {
          owner: ours,
          snapshots: [{ id: 's', owner: {}, trouble: { kind: 'damaged', message: 'cut' } }],
        }),
      ],
    },
    ['unreadable-record'],
    1,
  ],
  [
    'the record of a snapshot could not be read',
    {
      workloads: [
        ownedBy('web', {
          owner: ours,
          snapshots: [{ id: 's', owner: {}, trouble: { kind: 'unread', message: 'EIO' } }],
        }),
      ],
    },
    ['not-read'],
    3,
  ],
  ['it is on no target', { workloads: [] }, ['absent'], 1],
  ['it is on no target, and one was not read', { workloads: [], unseen: ['/b: EIO'] }, ['absent'], 3],
  [
    'its user does not exist any more',
    { cloud: { projects: [{ name: 'web-shop' }] } },
    ['owner-missing'],
    1,
    /^m\.yaml:3: unknown user "alice"/,
  ],
  [
    'its user has lost the role',
    { cloud: { ...newCloud, users: [{ name: 'alice' }] } },
    ['role-missing'],
    1,
    /does not have the role member/,
  ],
  [
    'its user is disabled',
    { cloud: { ...newCloud, users: [{ name: 'alice', enabled: false, roles: { 'web-shop': ['member'] } }] } },
    ['disabled'],
    1,
  ],
  [
    'its schedule is disabled',
    { workloads: [{ ...handedOver, schedule: 'disabled' }] },
    ['schedule-off'],
    1,
    /nothing backs it up/,
  ],
  ['it has no schedule', { workloads: [{ ...handedOver, schedule: 'none' }] }, ['schedule-off'], 1],
  ['its schedule is not understood', { workloads: [{ ...handedOver, schedule: 'unknown' }] }, ['schedule-unknown'], 3],
  [
    'it needs no schedule',
    { workloads: [{ ...handedOver, schedule: 'disabled' }], mapping: `unscheduled: [${id}]` },
    [],
    0,
  ],
  ['there is no assessment', { assessed: undefined }, ['not-assessed'], 3],
  ['the assessment does not have it', { assessed: new Map() }, ['not-assessed'], 3],
  [
    'no snapshot can be restored',
    { assessed: new Map([[id, { standing: 'does not restore', message: 'A disk is broken.' }]]) },
    ['not-restorable'],
    1,
    /^it has no restorable snapshot: A disk is broken\.$/,
  ],
  [
    'no snapshot was read to its end',
    { assessed: new Map([[id, { standing: 'not proven', message: 'It needs an origin path.' }]]) },
    ['not-proven'],
    3,
  ],
  ['another workload is not in the mapping', { workloads: [handedOver, ownedBy('db')] }, ['unmapped'], 1],
  [
    'another workload is left',
    { workloads: [handedOver, ownedBy('db')], mapping: `leave: [${uuidFrom('db')}]` },
    [],
    0,
  ],
  ['a target was not read', { unseen: ['/b: no answer'] }, [], 3],
  [
    'something is wrong, and something unknown',
    { workloads: [ownedBy('web')], assessed: undefined },
    ['not-reassigned', 'not-assessed'],
    1,
  ],
]

describe('the check of a handover', () => {
  for (const [what, asked, codes, exitCode, message] of cases)
    it(`exits with ${exitCode} if ${what}`, () => {
      const check = checked(asked)
      const defects = check.workloads.flatMap((one) => one.defects)
      assert.deepEqual(
        defects.map(({ code }) => code),
        codes,
      )
      if (message) assert.match(defects[0]?.message ?? '', message)
      assert.equal(check.exitCode, exitCode)
    })

  it('is printed with its remedies, and what all lack once', () => {
    const text = handoverCheckText(
      checked({ workloads: [ownedBy('\u001b[2Jweb', { id, owner: ours, schedule: 'disabled' })], assessed: undefined }),
      { style: plainStyle, isAll: false },
    )
    assert.match(text, /^✘ \\u001b\[2Jweb \([\da-f-]{36}\), for Default\/alice in/)
    assert.match(text, /^ {4}workloadmgr enable-scheduler --workloadids/m)
    assert.match(text, /^1 workload not judged: no assessment shows/m)
    assert.match(text, /✘ 0 of 1 workload handed over to cloud recovery\.\n$/)
  })
})
