import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { assessed, foundOf, originPath, siteWith } from './found.fixture.ts'
import { secretNeeds } from './secret-needs.ts'

const here = siteWith({ [originPath]: 0 })

/** An encrypted workload with one disk in three snapshots, and its images from the full one on. */
function encrypted() {
  const [workload] = foundOf({ encrypted: 1, workloads: 1 })
  const part = workload?.parts[0]
  assert.ok(workload && part?.record)
  const images = part.snapshots.map(({ disks }) => {
    const header = disks[0]?.images[0]?.header
    assert.ok(header)
    return header
  })
  return { workload, record: part.record, images }
}

/** The states, with defects, from the full image on. */
const statesOf = ({ verdicts }: ReturnType<typeof assessed>) =>
  verdicts.map(({ state, defect }) => (defect === undefined ? state : `${state}: ${defect.code}`))
const secretsOf = ({ verdicts }: ReturnType<typeof assessed>) => verdicts.map(({ secrets }) => secrets)

describe('a chain whose secrets were not tried', () => {
  it('has a state of its own, with and without its origin path', () => {
    const { workload } = encrypted()
    const now = assessed([workload], here)
    assert.deepEqual(statesOf(now), Array(3).fill('with-secret'))
    assert.deepEqual(
      [now.summary.totals.states['with-secret'], now.summary.totals.workloadStates['with-secret']],
      [3, 1],
    )
    assert.equal(now.summary.totals.needOriginPath, 0)
    const later = assessed([workload], siteWith())
    assert.deepEqual(statesOf(later), Array(3).fill('with-secret'))
    assert.equal(later.summary.totals.needOriginPath, 2)
  })

  it('is no failure by default, and one if it was asked for', () => {
    const { workload } = encrypted()
    const exitCode = (failOn: 'broken' | 'needs-recovery' | 'needs-secret', site = here) =>
      assessed([workload], site, { failOn: [failOn] }).summary.exitCode
    assert.deepEqual([exitCode('broken'), exitCode('needs-secret'), exitCode('needs-recovery')], [0, 1, 0])
    assert.equal(exitCode('needs-recovery', siteWith()), 1)
  })

  it('is the newest restorable snapshot only with its secret', () => {
    const { workload } = encrypted()
    const [row] = assessed([workload], here).summary.workloads
    assert.deepEqual(
      [row?.state, row?.newestRestorable, row?.newestAfterRecovery],
      ['with-secret', undefined, undefined],
    )
    assert.equal(row?.newestWithSecret?.snapshotId, workload.parts[0]?.snapshots.at(-1)?.snapshotId)
  })

  it('lists every secret of its links', () => {
    const { workload, record, images } = encrypted()
    const { secretId = '?' } = record
    delete record.secretId
    const [, second, third] = images
    assert.ok(second?.backing && third?.backing)
    second.backing = second.backing.replace(secretId, 'old')
    third.backing = third.backing.replace(secretId, 'new')
    assert.deepEqual(secretsOf(assessed([workload], here)), [['?'], ['secret-old'], ['secret-old', 'secret-new']])
  })

  it('is broken if something else is wrong with it', () => {
    const { workload } = encrypted()
    workload.parts[0]?.snapshots[0]?.disks[0]?.images.splice(0)
    assert.deepEqual(statesOf(assessed([workload], here)), [
      'broken: incomplete-replica',
      'broken: missing-parent',
      'broken: missing-parent',
    ])
  })
})

describe('a chain whose secret is stated nowhere', () => {
  it('is unknown, but not if the name that a child gives it states the secret', () => {
    const { workload, record } = encrypted()
    delete record.secretId
    assert.deepEqual(statesOf(assessed([workload], here)), ['unknown: secret-not-named', 'with-secret', 'with-secret'])
  })

  it('is unknown in all links without a name for it', () => {
    const { workload, record, images } = encrypted()
    delete record.secretId
    for (const image of images)
      if (image.backing !== undefined) image.backing = /"filename":"([^"]+)"/.exec(image.backing)?.[1] ?? ''
    assert.deepEqual(statesOf(assessed([workload], here)), Array(3).fill('unknown: secret-not-named'))
  })
})

it('compares the secrets that workloads need with those that the user has', () => {
  const rows = [
    { workloadId: '1', name: 'web', secrets: ['a', '?'] },
    { workloadId: '2', secrets: ['b', 'a'] },
    { workloadId: '3', secrets: [] },
  ]
  assert.deepEqual(secretNeeds(rows, ['b', 'c']), {
    needed: [
      { id: 'a', workloads: ['web', '2'], isProvided: false },
      { id: 'b', workloads: ['2'], isProvided: true },
    ],
    unused: ['c'],
  })
  assert.deepEqual(secretNeeds(rows, undefined), {
    needed: [
      { id: 'a', workloads: ['web', '2'] },
      { id: 'b', workloads: ['2'] },
    ],
    unused: [],
  })
})
