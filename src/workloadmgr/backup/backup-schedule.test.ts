import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { KnownSnapshot, KnownWorkload } from '../store/state-schema.ts'
import { dueWorkloads, inOrder, intervalMsOf, latestOf } from './backup-schedule.ts'

const hourMs = 3_600_000
const now = new Date('2026-01-03T00:00:00Z')

const workload = (change: Partial<KnownWorkload> = {}): KnownWorkload => ({
  ...{ id: 'w', projectId: 'p', userId: 'u', name: 'web', status: 'available', target: 'target-1' },
  ...{ isScheduled: true, isDeleted: false, isEncrypted: false },
  schedule: "{'enabled': True, 'interval': '24hrs', 'fullbackup_interval': '-1'}",
  ...change,
})
const snapshot = (createdAt: string, change: Partial<KnownSnapshot> = {}): KnownSnapshot => ({
  ...{ id: createdAt, workloadId: 'w', projectId: 'p', userId: 'u', name: 's', type: 'full', status: 'available' },
  ...{ sizeBytes: 0, restoreSizeBytes: 0, isDeleted: false, isDataDeleted: false, isPinned: false },
  createdAt,
  ...change,
})

describe('the interval of a schedule', () => {
  const rows: readonly (readonly [string, number | undefined])[] = [
    ["{'enabled': True, 'interval': '24hrs'}", 24 * hourMs],
    ['{"interval": "1 hr"}', hourMs],
    ['{"interval": 6}', 6 * hourMs],
    ["{'interval': '2 days'}", 48 * hourMs],
    ["{'interval': '0hrs'}", undefined],
    ["{'enabled': True}", undefined],
    ['', undefined],
  ]
  for (const [text, expected] of rows) it(`is read: ${text}`, () => assert.equal(intervalMsOf(text), expected))
})

describe('a scheduled backup', () => {
  const day = snapshot('2026-01-02T00:00:00Z')
  const rows: readonly (readonly [string, boolean, Partial<KnownWorkload>, readonly KnownSnapshot[]])[] = [
    ['is due after its interval', true, {}, [day]],
    ['is not due before', false, {}, [day, snapshot('2026-01-02T00:00:01Z')]],
    ['is due without a snapshot', true, {}, []],
    ['is due if later snapshots are in error', true, {}, [day, snapshot('2026-01-02T12:00:00Z', { status: 'error' })]],
    ['is never due after a reassignment, which disables it', false, { isScheduled: false }, [day]],
    ['is never due if its record disables it', false, { schedule: "{'enabled': False, 'interval': '1hr'}" }, [day]],
    ['is never due without an interval', false, { schedule: "{'enabled': True}" }, [day]],
    ['is never due of a deleted workload', false, { isDeleted: true }, [day]],
  ]
  for (const [what, isDue, change, snapshots] of rows)
    it(what, () => assert.equal(dueWorkloads([workload(change)], snapshots, now).length, Number(isDue)))
})

describe('the latest snapshot', () => {
  it('is the newest available one, whatever the order of the rows', () => {
    const rows = [
      snapshot('2026-01-02T00:00:00Z'),
      snapshot('2026-01-01T00:00:00Z'),
      snapshot('2026-01-03T00:00:00Z', { isDeleted: true }),
    ]
    assert.equal(latestOf(rows)?.createdAt, '2026-01-02T00:00:00Z')
    assert.deepEqual(
      inOrder(rows).map(({ createdAt }) => createdAt.slice(8, 10)),
      ['01', '02'],
    )
    assert.equal(latestOf([]), undefined)
  })
})
