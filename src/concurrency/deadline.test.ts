import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { MachineError } from '../errors.ts'
import { until, within } from './deadline.ts'

const never = new Promise<never>(() => {})
const isLate = (message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof MachineError)
  assert.equal(error.code, 'deadline')
  assert.match(error.message, message)
  return true
}

describe('within a deadline', () => {
  it('has the outcome of the promise', async () => {
    assert.equal(await within(60_000, 'it', Promise.resolve(1)), 1)
    await assert.rejects(within(60_000, 'it', Promise.reject(new RangeError('no'))), RangeError)
  })
  it('names what did not happen', async () => {
    await assert.rejects(within(20, 'the machine starts', never), isLate(/^the machine starts: nothing for 0 s$/))
  })
  it('lets nobody stumble over what comes later', async () => {
    const late = Promise.withResolvers<never>()
    await assert.rejects(within(1, 'it', late.promise), isLate(/it/))
    // Unhandled, it would fail this test file.
    late.reject(new Error('much later'))
  })
})

describe('asking until there is an answer', { timeout: 30_000 }, () => {
  it('takes the first one that is not undefined', async () => {
    const answers = [undefined, undefined, null, 'later']
    const answer = await until('it', async () => answers.shift(), { deadlineMs: 60_000, intervalMs: 1 })
    assert.deepEqual([answer, answers], [null, ['later']])
  })
  it('asks once though there is no time', async () => {
    assert.equal(await until('it', async () => 1, { deadlineMs: 0 }), 1)
  })
  it('names what is not so', async () => {
    const asked = until('it is up', async () => undefined, { deadlineMs: 20, intervalMs: 5 })
    await assert.rejects(asked, isLate(/^it is up: not so after 0 s$/))
  })
  it('passes on what asking throws', async () => {
    const ask = async () => {
      throw new RangeError('no')
    }
    await assert.rejects(until('it', ask, { deadlineMs: 60_000 }), RangeError)
  })
  it('ends with the reason of its signal, between two questions too', async () => {
    const reason = new Error('interrupted')
    const stop = new AbortController()
    let asked = 0
    const ask = async () => {
      asked += 1
      setImmediate(() => stop.abort(reason))
      return undefined
    }
    const options = { deadlineMs: 60_000, intervalMs: 60_000, signal: stop.signal }
    await assert.rejects(until('it', ask, options), (error) => error === reason)
    await assert.rejects(until('it', ask, options), (error) => error === reason)
    assert.equal(asked, 1)
  })
})
