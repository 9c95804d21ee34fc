import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { runSteps, type SetupStep } from './steps.ts'

/** A step that sets a flag. */
function step(name: string, state: { done: boolean; did: number }): SetupStep {
  return {
    name,
    check: async () => (state.done ? 'built' : undefined),
    announce: async () => 'not built: building it',
    apply: async (print) => {
      print('working')
      state.done = true
      state.did += 1
      return 'built now'
    },
  }
}

describe('setup', () => {
  it('prints each change before and after it, acquires the lock once, and changes nothing the second time', async () => {
    const states = [
      { done: true, did: 0 },
      { done: false, did: 0 },
      { done: false, did: 0 },
    ]
    const steps = states.map((state, index) => step(`step ${index}`, state))
    const lines: string[] = []
    const locks: string[] = []
    const lock = async () => {
      locks.push('acquired')
      return { [Symbol.asyncDispose]: async () => void locks.push('released') }
    }
    const print = (line: string) => void lines.push(line.replace(/\d+\.\d/, '0.0'))
    await runSteps(steps, print, lock)
    await runSteps(steps, print, lock)
    assert.deepEqual(
      states.map(({ did }) => did),
      [0, 1, 1],
    )
    assert.deepEqual(locks, ['acquired', 'released'])
    assert.deepEqual(lines.slice(0, 4), [
      'step 0  built  (0.0 s)',
      'step 1  not built: building it …',
      'step 1    working',
      'step 1  built now  (0.0 s)',
    ])
    assert.deepEqual(
      lines.slice(7),
      [0, 1, 2].map((index) => `step ${index}  built  (0.0 s)`),
    )
  })

  it('does not repeat what another setup did while this one waited for the lock', async () => {
    const state = { done: false, did: 0 }
    const lock = async () => {
      state.done = true
      return { [Symbol.asyncDispose]: async () => {} }
    }
    await runSteps([step('image', state)], () => {}, lock)
    assert.equal(state.did, 0)
  })

  it('releases the lock when a step fails', async () => {
    let isHeld = false
    const lock = async () => {
      isHeld = true
      return {
        [Symbol.asyncDispose]: async () => {
          isHeld = false
        },
      }
    }
    const failing: SetupStep = {
      name: 'engine',
      check: async () => undefined,
      announce: async () => 'not built: building it',
      apply: () => Promise.reject(new Error('no')),
    }
    await assert.rejects(
      runSteps([failing], () => {}, lock),
      /no/,
    )
    assert.equal(isHeld, false)
  })
})
