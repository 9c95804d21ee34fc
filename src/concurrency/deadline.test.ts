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

describe('within', () => {
  it('settles as the promise does before the deadline', async () => {
    assert.equal(await within(60_000, 'it', Promise.resolve(1)), 1)
    await assert.rejects(within(60_000, 'it', Promise.reject(new RangeError('no'))), RangeError)
  })

  it('rejects at the deadline, and names what it waited for', async () => {
    await assert.rejects(
      within(20, 'the machine to start', never),
      isLate(/^timed out after 0 s waiting for the machine to start$/),
    )
  })

  it('leaves no unhandled rejection if the promise rejects after the deadline', async () => {
    const late = Promise.withResolvers<never>()
    await assert.rejects(within(1, 'it', late.promise), isLate(/it/))
    // Unhandled, it would fail this test file.
    late.reject(new Error('much later'))
  })
})

describe('until', { timeout: 30_000 }, () => {
  it('returns the first result that is not undefined', async () => {
    const results = [undefined, undefined, null, 'later']
    const result = await until('it', async () => results.shift(), { deadlineMs: 60_000, intervalMs: 1 })
    assert.deepEqual([result, results], [null, ['later']])
  })

  it('probes once, even without any time', async () => {
    assert.equal(await until('it', async () => 1, { deadlineMs: 0 }), 1)
  })

  it('rejects at the deadline, and names what it waited for', async () => {
    const waiting = until('it to be up', async () => undefined, { deadlineMs: 20, intervalMs: 5 })
    await assert.rejects(waiting, isLate(/^timed out after 0 s waiting for it to be up$/))
  })

  it('rejects with the error of the probe', async () => {
    const probe = async () => {
      throw new RangeError('no')
    }
    await assert.rejects(until('it', probe, { deadlineMs: 60_000 }), RangeError)
  })

  it('rejects with the reason of its signal, also between two probes', async () => {
    const reason = new Error('interrupted')
    const stop = new AbortController()
    let probes = 0
    const probe = async () => {
      probes += 1
      setImmediate(() => stop.abort(reason))
      return undefined
    }
    const options = { deadlineMs: 60_000, intervalMs: 60_000, signal: stop.signal }
    await assert.rejects(until('it', probe, options), (error) => error === reason)
    await assert.rejects(until('it', probe, options), (error) => error === reason)
    assert.equal(probes, 1)
  })
})
