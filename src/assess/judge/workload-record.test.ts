import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { FoundWorkload } from '../scan/found.ts'
import { contextOf, foundOf, type Mutable, nowMs, originPath, siteWith } from './found.fixture.ts'
import { judgeWorkload } from './judge-workload.ts'
import type { JudgedImage } from './verdict.ts'
import { workloadRecord } from './workload-record.ts'

const digest = 'd'.repeat(64)

/** The record of a workload with three snapshots of one disk, whose images were changed after they were judged. */
function recordOf(
  change: (judged: Mutable<JudgedImage>, nth: number) => void = () => {},
  changeFound: (workload: Mutable<FoundWorkload>) => void = () => {},
) {
  const [workload] = foundOf({ snapshots: 3 })
  assert.ok(workload)
  changeFound(workload)
  const images = judgeWorkload(workload, contextOf(siteWith({ [originPath]: 0 }))).images
  for (const [nth, image] of images.entries()) change(image as Mutable<JudgedImage>, nth)
  return workloadRecord(workload, images, { nowMs, isOneVm: false })
}

const read = ({ verdict, image }: Mutable<JudgedImage>, recorded?: string) => {
  Object.assign(verdict, { digest, depth: 'content' })
  if (image && recorded !== undefined) Object.assign(image, { row: { ...image.row, digest: recorded } })
}

describe('record of a workload', () => {
  it('has the owner, and the snapshots with dates and ages, oldest first', () => {
    const { kind, userId, projectId, name, snapshots } = recordOf(undefined, (workload) => {
      Object.assign(workload.parts[0]?.record ?? {}, { userId: 'u1' })
      workload.parts[0]?.snapshots.reverse()
      for (const { record } of workload.parts[0]?.snapshots ?? []) Object.assign(record ?? {}, { type: 'full' })
    })
    assert.deepEqual([kind, userId, typeof projectId, typeof name], ['workload', 'u1', 'string', 'string'])
    const dates = snapshots.map(({ date = '' }) => date)
    assert.deepEqual(dates, dates.toSorted())
    assert.deepEqual(
      snapshots.map(({ ageMs, date = '' }) => ageMs === nowMs - Date.parse(date)),
      [true, true, true],
    )
    assert.deepEqual(
      snapshots.map(({ state, type }) => [state, type]),
      [
        ['restorable', 'full'],
        ['restorable', 'full'],
        ['restorable', 'full'],
      ],
    )
  })

  it('counts disks that were read, and those that have the digest of the backup', () => {
    const disks = recordOf((image, nth) => {
      if (nth === 0) read(image, digest)
      if (nth === 1) read(image)
    }).snapshots.map((snapshot) => snapshot.disks)
    assert.deepEqual(disks, [
      { total: 1, read: 1, matched: 1 },
      { total: 1, read: 1, matched: 0 },
      { total: 1, read: 0, matched: 0 },
    ])
  })

  it('does not count a digest of another depth, or one that differs', () => {
    const [other, differing] = recordOf((image, nth) => {
      read(image, nth === 1 ? 'e'.repeat(64) : digest)
      if (nth === 0) Object.assign(image.verdict, { depth: 'tables' })
    }).snapshots.map((snapshot) => snapshot.disks)
    assert.deepEqual(other, { total: 1, read: 0, matched: 0 })
    assert.deepEqual(differing, { total: 1, read: 1, matched: 0 })
  })

  it('has the defect of a broken disk, and why the product does not offer a snapshot', () => {
    const { snapshots } = recordOf(undefined, ({ parts: [part] }) => {
      const [first, second] = part?.snapshots ?? []
      if (first) first.disks[0]?.images.splice(0)
      if (second?.record) Object.assign(second.record, { status: 'error' })
    })
    assert.equal(snapshots[0]?.defect?.code, 'incomplete-replica')
    assert.equal(snapshots[0].state, 'broken')
    assert.equal(snapshots[1]?.isNotOffered, 'not available')
  })
})
