import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { InputError } from '../errors.ts'
import { SelectedDisks } from './disk-selection.ts'
import { Throttle } from './throttle.ts'
import { parseTimeWindow, untilOpenMs } from './time-window.ts'

describe('the hours in which content is read', () => {
  const at = (hour: number, minute = 0, second = 0) => new Date(2026, 10, 30, hour, minute, second)
  const minutes = (window: string, now: Date) => untilOpenMs(parseTimeWindow(window), now) / 60_000

  it('may last over midnight', () => {
    assert.equal(minutes('22:00-06:00', at(23)), 0)
    assert.equal(minutes('22:00-06:00', at(3)), 0)
    assert.equal(minutes('22:00-06:00', at(6)), 16 * 60)
    assert.equal(minutes('22:00-06:00', at(21, 59, 30)), 0.5)
    assert.equal(minutes('08:30-09:00', at(8, 30)), 0)
    assert.equal(minutes('08:30-09:00', at(9)), 23.5 * 60)
  })

  it('are refused if they are not a time window', () => {
    for (const text of ['', '22-6', '22:00', '22:00-22:00', '24:00-06:00', '22:60-06:00', '22:00-06:00x'])
      assert.throws(() => parseTimeWindow(text), InputError, text)
  })
})

describe('a limit of bytes per second', () => {
  it('lets the first bytes pass, and each of the next once those before it are paid for', async () => {
    let nowMs = 0
    const throttle = new Throttle(1_000_000, () => nowMs)
    const { signal } = new AbortController()
    await throttle.wait(20_000, signal)
    const startedMs = performance.now()
    await throttle.wait(20_000, signal)
    assert.ok(performance.now() - startedMs >= 19)
    nowMs = 10_000
    await throttle.wait(1, signal)
  })

  it('ends when it is aborted', async () => {
    const throttle = new Throttle(1, () => 0)
    await throttle.wait(1000, new AbortController().signal)
    await assert.rejects(throttle.wait(1, AbortSignal.abort(new Error('stopped'))))
  })
})

describe('a selection of disks', () => {
  const paths = Array.from({ length: 10_000 }, (_, n) => `workload_w/snapshot_s/vm_id_v/vm_res_id_${n}_vda/image`)
  const countOf = (selection: Omit<ConstructorParameters<typeof SelectedDisks>[0], 'seed'>, seed = 'a') => {
    const selected = new SelectedDisks({ seed, ...selection })
    return paths.filter((path) => selected.has(path))
  }

  it('has about the part that a sample or a subset names', () => {
    for (const count of [countOf({ sample: 0.05 }).length, countOf({ subset: { number: 7, count: 20 } }).length])
      assert.ok(count > 400 && count < 600, `${count}`)
    assert.equal(countOf({ sample: 1 }).length, paths.length)
  })

  it('is another sample with another seed, and the same with the same', () => {
    assert.deepEqual(countOf({ sample: 0.1 }), countOf({ sample: 0.1 }))
    const other = new Set(countOf({ sample: 0.1 }, 'b'))
    assert.ok(countOf({ sample: 0.1 }).some((path) => !other.has(path)))
  })

  it('has each disk in one subset', () => {
    const all = [1, 2, 3].flatMap((number) => countOf({ subset: { number, count: 3 } }))
    assert.deepEqual(all.toSorted(), paths.toSorted())
  })

  it('has the newest snapshots that are not deleted, and those without a date', () => {
    const snapshot = (snapshotId: string, createdAt?: string, isDeleted = false) => ({
      snapshotId,
      record: { ...(createdAt !== undefined && { createdAt }), ...(isDeleted && { isDeleted }) },
      disks: [],
      problems: [],
      oddities: [],
    })
    const selected = new SelectedDisks({ seed: '', newest: 1 })
    selected.add({
      workloadId: 'w',
      parts: [
        {
          target: 0,
          problems: [],
          oddities: [],
          snapshots: [
            snapshot('old', '2026-01-01 00:00:00'),
            snapshot('new', '2026-02-01 00:00:00'),
            snapshot('deleted', '2026-03-01 00:00:00', true),
            snapshot('undated'),
          ],
        },
      ],
    })
    const has = (id: string) => selected.has(`workload_w/snapshot_${id}/vm_id_v/vm_res_id_x_vda/image`)
    assert.deepEqual(['old', 'new', 'deleted', 'undated'].filter(has), ['new', 'undated'])
  })
})
