import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { DrillRow } from '../../../src/report/page/page-data.ts'
import { filtered, filterLink, frequentValues, readFilter, withNextTagState } from './drill-filter.ts'

const row = (id: string, own: Partial<DrillRow> = {}): DrillRow => ({
  ...{ id, hasDetails: true, name: id, feature: 'F', location: 'f:1', outcome: 'passed', startedAt: '', durationMs: 0 },
  ...{ tags: [], nodes: [], attempt: 1, attempts: 1, steps: [], phases: [], faults: [] },
  findings: { pass: 0, fail: 0, unknown: 0 },
  ...own,
})
const rows = [
  row('a', { tags: ['@x'], nodes: ['n1'], steps: ['site "One" is lost'] }),
  row('b', { tags: ['@x', '@y'], outcome: 'failed', nodes: ['n2'] }),
  row('c', { outcome: 'unknown', why: 'no answer' }),
]
const found = (query: string): string =>
  filtered(rows, readFilter(new URLSearchParams(query)))
    .map(({ id }) => id)
    .join(' ')

describe('a filter of drills', () => {
  it('lists failed drills first', () => {
    assert.equal(found(''), 'b c a')
  })

  it('combines words, tags, excluded tags, a node and outcomes', () => {
    assert.equal(found('q=SITE+one'), 'a')
    assert.equal(found('q=answer'), 'c')
    assert.equal(found('tag=@x'), 'b a')
    assert.equal(found('tag=@x&not=@y'), 'a')
    assert.equal(found('node=n2'), 'b')
    assert.equal(found('outcome=failed&outcome=unknown'), 'b c')
    assert.equal(found('tag=@x&node=nowhere'), '')
  })

  it('is the same after it was an address', () => {
    const query = 'q=a+b&tag=%40x&not=%40y&node=n%2F1&outcome=not+run'
    assert.equal(filterLink(readFilter(new URLSearchParams(query))), `#drills?${query}`)
    assert.equal(filterLink(readFilter(new URLSearchParams())), '#drills')
  })

  it('requires a tag, excludes it, and ignores it again', () => {
    let filter = readFilter(new URLSearchParams())
    const states = ['required', 'excluded', 'ignored'].map(() => {
      filter = withNextTagState(filter, '@x')
      return [filter.tags.length, filter.notTags.length]
    })
    assert.deepEqual(states, [
      [1, 0],
      [0, 1],
      [0, 0],
    ])
  })

  it('offers values with the most frequent first', () => {
    assert.deepEqual(frequentValues(rows, 'tags'), ['@x', '@y'])
  })
})
