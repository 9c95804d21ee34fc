import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { closingLine, oneCheck, total, unknownTally } from './tally.ts'

describe('the total of tallies', () => {
  const features = { passed: 7, failed: 0, skipped: 2, exitCode: 3 } as const

  it('has the sum of each count', () => {
    assert.deepEqual(total([oneCheck(true), features]), { passed: 8, failed: 0, skipped: 2, exitCode: 3 })
    assert.equal(closingLine(total([oneCheck(true), features])), '8 passed, 0 failed, 2 skipped')
    assert.equal(closingLine(oneCheck(false)), '0 passed, 1 failed')
  })

  it('has exit code 130 if one was interrupted, else 1 for a failure, else 3 for an unknown result', () => {
    assert.equal(total([unknownTally, oneCheck(false)]).exitCode, 1)
    assert.equal(total([unknownTally, oneCheck(true)]).exitCode, 3)
    assert.equal(total([oneCheck(false), { ...unknownTally, exitCode: 130 }]).exitCode, 130)
    assert.equal(total([oneCheck(true)]).exitCode, 0)
  })
})
