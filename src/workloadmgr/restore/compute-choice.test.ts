import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { chooseCompute } from './compute-choice.ts'

const computes = [{ name: 'compute-1' }, { name: 'compute-2' }, { name: 'compute-3' }]

describe('the compute of a restore', () => {
  it('is the least busy one, and the first of equally busy ones', () => {
    const load = new Map([
      ['compute-1', 2],
      ['compute-2', 1],
      ['compute-3', 1],
    ])
    assert.equal(chooseCompute(computes, load).name, 'compute-2')
    assert.equal(chooseCompute(computes, new Map()).name, 'compute-1')
  })

  it('is the chosen one, however busy', () => {
    assert.equal(chooseCompute(computes, new Map([['compute-3', 9]]), 'compute-3').name, 'compute-3')
  })

  it('is refused if the site does not have it, with the nearest one', () => {
    assert.throws(() => chooseCompute(computes, new Map(), 'compte-2'), {
      name: 'InputError',
      message: 'unknown compute "compte-2": did you mean compute-2?',
    })
    assert.throws(() => chooseCompute([], new Map()), /the site has no compute/)
  })
})
