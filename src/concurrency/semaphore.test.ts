import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { Semaphore } from './semaphore.ts'

describe('a semaphore', () => {
  it('admits up to its limit, and the others in the order in which they came', async () => {
    const semaphore = new Semaphore(2)
    const admitted: number[] = []
    const held: Disposable[] = []
    for (const index of [0, 1, 2, 3]) {
      semaphore.acquire().then((place) => {
        admitted.push(index)
        held.push(place)
      })
    }
    await turn()
    assert.deepEqual(admitted, [0, 1])
    held[1]?.[Symbol.dispose]()
    await turn()
    assert.deepEqual(admitted, [0, 1, 2])
    held[0]?.[Symbol.dispose]()
    await turn()
    assert.deepEqual(admitted, [0, 1, 2, 3])
  })

  it('loses no place when a waiting caller aborts', async () => {
    const semaphore = new Semaphore(1)
    const first = await semaphore.acquire()
    const enough = new Error('enough')
    const stop = new AbortController()
    const impatient = semaphore.acquire(stop.signal)
    const patient = semaphore.acquire()
    stop.abort(enough)
    await assert.rejects(impatient, enough)
    first[Symbol.dispose]()
    const second = await patient

    const late = new AbortController()
    const tooLate = semaphore.acquire(late.signal)
    // In one go: it is aborted, and then handed the place before it could leave the queue.
    late.abort(enough)
    second[Symbol.dispose]()
    await assert.rejects(tooLate, enough)
    await semaphore.acquire()
  })

  it('refuses a signal that is already aborted', async () => {
    await assert.rejects(new Semaphore(1).acquire(AbortSignal.abort(new Error('never'))), /never/)
  })
})
