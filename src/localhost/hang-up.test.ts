import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ignoresHangUp, isSignalIgnored } from './hang-up.ts'

describe('SIGHUP', () => {
  it('is ignored by a process whose first ignored signal is 1', () => {
    const status = (mask: string) =>
      `Name:\tnode\nSigBlk:\t0000000000000001\nSigIgn:\t${mask}\nSigCgt:\t0000000000000001\n`
    assert.equal(isSignalIgnored(status('0000000001001000')), false)
    assert.equal(isSignalIgnored(status('0000000001001001')), true)
    assert.equal(isSignalIgnored(status('ffffffffffffffff')), true)
    assert.equal(isSignalIgnored(''), false)
  })

  it('is ignored by what nohup starts, and by what that starts', () => {
    const environment: NodeJS.ProcessEnv = { _: '/usr/bin/nohup' }
    assert.equal(ignoresHangUp(environment), true)
    assert.equal(ignoresHangUp({ DR_DRILL_NOHUP: environment['DR_DRILL_NOHUP'] }), true)
  })
})
