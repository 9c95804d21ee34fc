import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { JournalEvent, Outcome } from '../../journal/journal.ts'
import { MemoryJournal } from '../../journal/journal-memory.ts'
import { durationsOf, pathsOf, planUnits, Units } from './units.ts'

const plan = (locations: readonly string[], background?: string) =>
  locations.map((location) => ({ location, ...(background === undefined ? {} : { background }) }))

describe('units of work', () => {
  const scenarios = plan(['a:1.feature:3', 'b.feature:3', 'b.feature:9', 'c.feature:3'])
  const byFeature = [['b.feature:3', 'b.feature:9'], ['a:1.feature:3'], ['c.feature:3']]

  it('are features, that with the most scenarios first', () => {
    assert.deepEqual(planUnits(scenarios, { size: 2 }), byFeature)
  })

  it('are ordered by what they took the last time; what is new counts as typical', () => {
    const durations = new Map([
      ['a:1.feature:3', 70_000],
      ['b.feature:3', 10_000],
      ['b.feature:9', 20_000],
    ])
    const [first, ...others] = planUnits(scenarios, { size: 2, durations })
    assert.deepEqual(first, ['a:1.feature:3'])
    assert.deepEqual(others, [['b.feature:3', 'b.feature:9'], ['c.feature:3']])
  })

  it('keep features with the same background together, unless that is too much for one process', () => {
    const same = plan(['a.feature:3', 'b.feature:3'], 'same')
    const others = plan(['c.feature:3', 'd.feature:3'])
    assert.deepEqual(planUnits([...same, ...others], { size: 2 }), [
      ['a.feature:3', 'b.feature:3'],
      ['c.feature:3'],
      ['d.feature:3'],
    ])
    assert.deepEqual(planUnits(same, { size: 2 }), [['a.feature:3'], ['b.feature:3']])
    assert.equal(planUnits([...same, ...others], { size: 4 }).length, 4)
    // A feature of which only some scenarios have it is a unit of its own.
    const mixed = planUnits([...same, ...plan(['b.feature:9']), ...others], { size: 1 })
    assert.deepEqual(mixed.slice(0, 2), [['b.feature:3', 'b.feature:9'], ['a.feature:3']])
  })

  it('are handed out once; what is left of a lost one is next', () => {
    const units = new Units(scenarios, { size: 2 })
    const take = () => units.take(true)
    const first = take() ?? assert.fail()
    assert.deepEqual(units.left, byFeature.slice(1))
    units.putBack(first, new Set(['b.feature:3']))
    assert.deepEqual(take(), ['b.feature:9'])
    units.putBack(first, new Set(first))
    assert.deepEqual([take(), take(), take()], [['a:1.feature:3'], ['c.feature:3'], undefined])
  })

  it('that are isolated come last, when no other is under way, also of one feature', () => {
    const alone = plan(['b.feature:5', 'd.feature:3', 'd.feature:9']).map((one) => ({
      ...one,
      isIsolated: true as const,
    }))
    const units = new Units([...scenarios, ...alone], { size: 2 })
    assert.deepEqual(
      byFeature.map(() => units.take(true)),
      byFeature,
    )
    assert.equal(units.take(true), undefined)
    const first = units.take(false) ?? assert.fail()
    assert.deepEqual(first, ['d.feature:3', 'd.feature:9'])
    assert.deepEqual([units.take(true), units.left], [undefined, [['b.feature:5']]])
    // Its worker is lost: what is left of it is isolated as well.
    units.putBack(first, new Set(['d.feature:3']))
    assert.deepEqual(
      [units.take(true), units.take(false), units.take(false)],
      [undefined, ['d.feature:9'], ['b.feature:5']],
    )
    assert.deepEqual([units.take(false), units.left], [undefined, []])
  })

  it('are called as Cucumber does', () => {
    assert.deepEqual(pathsOf(['a:1.feature:3', 'a:1.feature:12', 'b.feature:7']), ['a:1.feature:3:12', 'b.feature:7'])
  })
})

it('reads from a journal how long scenarios took, but not of what was not run', () => {
  const journal = new MemoryJournal()
  const start = Date.parse('2026-11-23T00:00:00Z')
  const add = (event: JournalEvent, drill: string, atMs: number) =>
    journal.adopt({ ...event, seq: 0, drill, at: new Date(start + atMs).toISOString() }, 1)
  const began = (location: string): JournalEvent => ({ kind: 'drill-started', name: 'n', feature: 'f', location })
  const ended = (outcome: Outcome): JournalEvent => ({ kind: 'drill-ended', outcome })
  add(began('a.feature:3'), 'd1', 0)
  add(began('b.feature:3'), 'd2', 10)
  add(ended('failed'), 'd1', 30)
  add(ended('not run'), 'd2', 40)
  assert.deepEqual([...durationsOf(journal.entries())], [['a.feature:3', 30]])
})
