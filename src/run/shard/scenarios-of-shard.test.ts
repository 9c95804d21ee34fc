import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { scenariosOfShard } from './scenarios-of-shard.ts'

const scenarios = ['a.feature:3', 'a.feature:9', 'b.feature:3', 'c.feature:3', 'd.feature:3', 'd.feature:7'].map(
  (location) => ({ location }),
)
const all = scenarios.map(({ location }) => location)
const divided = (count: number, durations?: ReadonlyMap<string, number>) =>
  Array.from({ length: count }, (_, index) => scenariosOfShard(scenarios, { number: index + 1, count }, durations))

describe('a shard', () => {
  it('has scenarios that no other shard has, and together they have all, with or without durations', () => {
    const durations = new Map([
      ['a.feature:3', 90_000],
      ['c.feature:3', 5_000],
    ])
    for (const count of [1, 2, 3, 4, 5, 10])
      for (const known of [undefined, durations])
        assert.deepEqual(divided(count, known).flat().sort(), all, `${count} shards`)
  })

  it('keeps the scenarios of a feature together, in their order', () => {
    assert.deepEqual(divided(2), [
      ['a.feature:3', 'a.feature:9', 'b.feature:3'],
      ['c.feature:3', 'd.feature:3', 'd.feature:7'],
    ])
  })

  it('has about the duration of the others', () => {
    const durations = new Map([
      ['a.feature:3', 10_000],
      ['a.feature:9', 10_000],
      ['b.feature:3', 60_000],
      ['c.feature:3', 30_000],
      ['d.feature:3', 5_000],
      ['d.feature:7', 5_000],
    ])
    const sums = divided(2, durations).map((own) => own.reduce((sum, one) => sum + (durations.get(one) ?? 0), 0))
    assert.deepEqual(sums, [60_000, 60_000])
  })
})
