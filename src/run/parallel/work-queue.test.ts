import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { WorkQueue } from './work-queue.ts'

const at = (...locations: readonly string[]) => locations.map((location) => ({ location }))

describe('the queue of work', () => {
  const scenarios = at('a:1.feature:3', 'b.feature:3', 'b.feature:9', 'c.feature:3')
  const byFeature = [['b.feature:3', 'b.feature:9'], ['a:1.feature:3'], ['c.feature:3']]

  it('returns each unit once; the rest of a lost unit comes next', () => {
    const queue = new WorkQueue(scenarios, { workers: 2 })
    const take = () => queue.take(true)
    const first = take() ?? assert.fail()
    assert.deepEqual(queue.units, byFeature.slice(1))
    queue.putBack(first, new Set(['b.feature:3']))
    assert.deepEqual(take(), ['b.feature:9'])
    queue.putBack(first, new Set(first))
    assert.deepEqual([take(), take(), take()], [['a:1.feature:3'], ['c.feature:3'], undefined])
  })

  it('returns isolated units last, and only while no other unit runs, also for scenarios of one feature', () => {
    const alone = at('b.feature:5', 'd.feature:3', 'd.feature:9').map((one) => ({ ...one, isIsolated: true as const }))
    const queue = new WorkQueue([...scenarios, ...alone], { workers: 2 })
    assert.deepEqual(
      byFeature.map(() => queue.take(true)),
      byFeature,
    )
    assert.equal(queue.take(true), undefined)
    const first = queue.take(false) ?? assert.fail()
    assert.deepEqual(first, ['d.feature:3', 'd.feature:9'])
    assert.deepEqual([queue.take(true), queue.units], [undefined, [['b.feature:5']]])
    // Its worker is lost: the rest of the unit is isolated as well.
    queue.putBack(first, new Set(['d.feature:3']))
    assert.deepEqual(
      [queue.take(true), queue.take(false), queue.take(false)],
      [undefined, ['d.feature:9'], ['b.feature:5']],
    )
    assert.deepEqual([queue.take(false), queue.units], [undefined, []])
  })
})
