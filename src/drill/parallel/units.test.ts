import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { JournalEvent, Outcome } from '../journal.ts'
import { MemoryJournal } from '../journal-memory.ts'
import { durationsOf, pathOf, planUnits, Units } from './units.ts'

const names = (units: readonly { readonly feature: string }[]) => units.map(({ feature }) => feature)

describe('units of work', () => {
  const locations = ['a:1.feature:3', 'b.feature:3', 'b.feature:9', 'c.feature:3']

  it('are features, that with the most scenarios first', () => {
    const units = planUnits(locations)
    assert.deepEqual(names(units), ['b.feature', 'a:1.feature', 'c.feature'])
    assert.deepEqual(units.map(pathOf), ['b.feature:3:9', 'a:1.feature:3', 'c.feature:3'])
  })

  it('are ordered by what they took the last time; what is new counts as typical', () => {
    const durations = new Map([
      ['a:1.feature:3', 70_000],
      ['b.feature:3', 10_000],
      ['b.feature:9', 20_000],
    ])
    assert.deepEqual(names(planUnits(locations, durations)), ['a:1.feature', 'b.feature', 'c.feature'])
  })

  it('are handed out once; what is left of a lost one is next', () => {
    const units = new Units(planUnits(locations))
    const first = units.take() ?? assert.fail()
    assert.deepEqual(names(units.left), ['a:1.feature', 'c.feature'])
    units.putBack(first, new Set(['b.feature:3']))
    assert.deepEqual(units.take(), { feature: 'b.feature', scenarios: ['b.feature:9'] })
    units.putBack(first, new Set(first.scenarios))
    assert.deepEqual(
      [units.take()?.feature, units.take()?.feature, units.take()],
      ['a:1.feature', 'c.feature', undefined],
    )
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
