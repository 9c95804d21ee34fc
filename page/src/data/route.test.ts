import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { entryLink, parseRoute, stepLink, viewLink } from './route.ts'

describe('an address in the page', () => {
  it('leads to the view, drill, step or entry that its link was made for', () => {
    const { parameters: _parameters, ...entry } = parseRoute(entryLink('d1/2 é', 7))
    assert.deepEqual(entry, { view: 'drill', drill: 'd1/2 é', entry: 7 })
    assert.equal(parseRoute(stepLink('d1', 3)).step, 3)
    assert.equal(parseRoute(viewLink('chains', 'd2')).drill, 'd2')
    assert.equal(parseRoute('#drills?q=a+b').parameters.get('q'), 'a b')
  })

  it('is the overview for anything unknown', () => {
    for (const hash of ['', '#', '#nowhere', '#drill', '#drill/', '#%', '#drill/%E0%A4%A'])
      assert.ok(['overview', 'drill'].includes(parseRoute(hash).view), hash)
    assert.equal(parseRoute('#nowhere').view, 'overview')
    assert.equal(parseRoute('#drill/d1/entry/x').entry, undefined)
  })
})
