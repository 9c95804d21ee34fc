import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Step, takeSteps } from './step.ts'

/** A step whose work is a flag. */
function step(name: string, state: { done: boolean; did: number }): Step {
  return {
    name,
    isDone: async () => (state.done ? 'it is there' : undefined),
    announce: async () => 'it is not there',
    do: async (report) => {
      report('working')
      state.done = true
      state.did += 1
      return 'it is there now'
    },
  }
}

describe('set-up', () => {
  it('says what it does before and after, takes the lock once, and does nothing the second time', async () => {
    const states = [
      { done: true, did: 0 },
      { done: false, did: 0 },
      { done: false, did: 0 },
    ]
    const steps = states.map((state, index) => step(`step ${index}`, state))
    const lines: string[] = []
    const locks: string[] = []
    const lock = async () => {
      locks.push('taken')
      return { [Symbol.asyncDispose]: async () => void locks.push('released') }
    }
    const say = (line: string) => void lines.push(line.replace(/\d+\.\d/, '0.0'))
    await takeSteps(steps, say, lock)
    await takeSteps(steps, say, lock)
    assert.deepEqual(
      states.map(({ did }) => did),
      [0, 1, 1],
    )
    assert.deepEqual(locks, ['taken', 'released'])
    assert.deepEqual(lines.slice(0, 4), [
      'step 0  it is there  (0.0 s)',
      'step 1  it is not there …',
      'step 1    working',
      'step 1  it is there now  (0.0 s)',
    ])
    assert.deepEqual(
      lines.slice(7),
      [0, 1, 2].map((index) => `step ${index}  it is there  (0.0 s)`),
    )
  })

  it('does not do again what another set-up did while this one waited for the lock', async () => {
    const state = { done: false, did: 0 }
    const lock = async () => {
      state.done = true
      return { [Symbol.asyncDispose]: async () => {} }
    }
    await takeSteps([step('image', state)], () => {}, lock)
    assert.equal(state.did, 0)
  })

  it('gives the lock back when a step fails', async () => {
    let isHeld = false
    const lock = async () => {
      isHeld = true
      return {
        [Symbol.asyncDispose]: async () => {
          isHeld = false
        },
      }
    }
    const failing: Step = {
      name: 'engine',
      isDone: async () => undefined,
      announce: async () => 'it is not there',
      do: () => Promise.reject(new Error('no')),
    }
    await assert.rejects(
      takeSteps([failing], () => {}, lock),
      /no/,
    )
    assert.equal(isHeld, false)
  })
})
