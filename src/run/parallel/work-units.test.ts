import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { groupIntoUnits } from './work-units.ts'

const at = (locations: readonly string[], background?: string) =>
  locations.map((location) => ({ location, ...(background === undefined ? {} : { background }) }))

describe('units of work', () => {
  const scenarios = at(['a:1.feature:3', 'b.feature:3', 'b.feature:9', 'c.feature:3'])
  const byFeature = [['b.feature:3', 'b.feature:9'], ['a:1.feature:3'], ['c.feature:3']]

  it('are features, the one with the most scenarios first', () => {
    assert.deepEqual(groupIntoUnits(scenarios, { workers: 2 }), byFeature)
  })

  it('are sorted by their last durations, longest first; a new scenario counts as typical', () => {
    const durations = new Map([
      ['a:1.feature:3', 70_000],
      ['b.feature:3', 10_000],
      ['b.feature:9', 20_000],
    ])
    const [first, ...others] = groupIntoUnits(scenarios, { workers: 2, durations })
    assert.deepEqual(first, ['a:1.feature:3'])
    assert.deepEqual(others, [['b.feature:3', 'b.feature:9'], ['c.feature:3']])
  })

  it('combine features with the same background, unless that is too much for one worker', () => {
    const same = at(['a.feature:3', 'b.feature:3'], 'same')
    const others = at(['c.feature:3', 'd.feature:3'])
    assert.deepEqual(groupIntoUnits([...same, ...others], { workers: 2 }), [
      ['a.feature:3', 'b.feature:3'],
      ['c.feature:3'],
      ['d.feature:3'],
    ])
    assert.deepEqual(groupIntoUnits(same, { workers: 2 }), [['a.feature:3'], ['b.feature:3']])
    assert.equal(groupIntoUnits([...same, ...others], { workers: 4 }).length, 4)
    // A feature in which only some scenarios have the background is a unit of its own.
    const mixed = groupIntoUnits([...same, ...at(['b.feature:9']), ...others], { workers: 1 })
    assert.deepEqual(mixed.slice(0, 2), [['b.feature:3', 'b.feature:9'], ['a.feature:3']])
  })
})
