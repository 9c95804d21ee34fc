import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { closingLine, notJudged, oneCheck, total } from './tally.ts'

describe('the tally of the gate', () => {
  const features = { passed: 7, failed: 0, skipped: 2, exitCode: 3 } as const

  it('adds up', () => {
    assert.deepEqual(total([oneCheck(true), features]), { passed: 8, failed: 0, skipped: 2, exitCode: 3 })
    assert.equal(closingLine(total([oneCheck(true), features])), '8 passed, 0 failed, 2 skipped')
    assert.equal(closingLine(oneCheck(false)), '0 passed, 1 failed')
  })

  it('counts a failure that was found for more than what could not be judged, and an interrupt for most', () => {
    assert.equal(total([notJudged, oneCheck(false)]).exitCode, 1)
    assert.equal(total([notJudged, oneCheck(true)]).exitCode, 3)
    assert.equal(total([oneCheck(false), { ...notJudged, exitCode: 130 }]).exitCode, 130)
    assert.equal(total([oneCheck(true)]).exitCode, 0)
  })
})
