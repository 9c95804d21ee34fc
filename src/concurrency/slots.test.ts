import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { Slots } from './slots.ts'

describe('Slots', () => {
  it('gives so many at a time, to the others in the order they came', async () => {
    const slots = new Slots(2)
    const taken: number[] = []
    const held: Disposable[] = []
    for (const at of [0, 1, 2, 3]) {
      slots.take().then((slot) => {
        taken.push(at)
        held.push(slot)
      })
    }
    await turn()
    assert.deepEqual(taken, [0, 1])
    held[1]?.[Symbol.dispose]()
    await turn()
    assert.deepEqual(taken, [0, 1, 2])
    held[0]?.[Symbol.dispose]()
    await turn()
    assert.deepEqual(taken, [0, 1, 2, 3])
  })

  it('loses no slot to one who stops waiting', async () => {
    const slots = new Slots(1)
    const first = await slots.take()
    const enough = new Error('enough')
    const stop = new AbortController()
    const impatient = slots.take(stop.signal)
    const patient = slots.take()
    stop.abort(enough)
    await assert.rejects(impatient, enough)
    first[Symbol.dispose]()
    const second = await patient

    const late = new AbortController()
    const tooLate = slots.take(late.signal)
    // In one go: it is aborted, and then handed the slot before it could leave the queue.
    late.abort(enough)
    second[Symbol.dispose]()
    await assert.rejects(tooLate, enough)
    await slots.take()
  })

  it('gives none for a signal that is aborted already', async () => {
    await assert.rejects(new Slots(1).take(AbortSignal.abort(new Error('never'))), /never/)
  })
})
