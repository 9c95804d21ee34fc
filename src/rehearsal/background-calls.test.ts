import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { BackgroundCalls } from './background-calls.ts'
import type { Checkpoint } from './checkpoints.ts'

const saved = (...calls: readonly string[]): Checkpoint =>
  ({ key: 'k', calls: calls.map((name) => JSON.stringify([name])), events: [], tookMs: 1 }) as unknown as Checkpoint

function begin(checkpoint?: Checkpoint) {
  const seen: string[] = []
  const calls = new BackgroundCalls({
    find: () => checkpoint,
    adopt: async () => void seen.push('adopted'),
  })
  return { calls, seen, call: (name: string) => calls.perform([name], async () => void seen.push(name)) }
}

describe('the calls of a background', () => {
  it('are performed and noted, in order', async () => {
    const { calls, seen, call } = begin()
    await call('site')
    await call('backup')
    assert.deepEqual(seen, ['site', 'backup'])
    assert.deepEqual(calls.calls, ['["site"]', '["backup"]'])
  })

  it('are those so far, whatever is called later', async () => {
    const { calls, call } = begin()
    await call('background')
    const { calls: before } = calls
    await call('a step of the scenario')
    assert.deepEqual(before, ['["background"]'])
  })

  it('count a call within a call as one', async () => {
    const { calls, seen, call } = begin()
    await calls.perform(['replica site'], async () => {
      await call('site')
      await call('replicate')
    })
    assert.deepEqual(seen, ['site', 'replicate'])
    assert.deepEqual(calls.calls, ['["replica site"]'])
  })

  it('are skipped for a checkpoint, which the last of them adopts, and performed after it', async () => {
    const { calls, seen, call } = begin(saved('site', 'backup'))
    await call('site')
    assert.deepEqual(seen, [])
    await call('backup')
    await call('another')
    assert.deepEqual(seen, ['adopted', 'another'])
    assert.equal(calls.calls, undefined)
  })

  it('fail if the checkpoint has another call', async () => {
    const { seen, call } = begin(saved('site', 'backup'))
    await call('site')
    await assert.rejects(call('upgrade'), {
      code: 'checkpoint-differs',
      message: /calls \["upgrade"\].*has \["backup"\]/,
    })
    assert.deepEqual(seen, [])
  })

  it('are not for others if a step did something else, or failed', async () => {
    const beside = begin()
    await beside.call('site')
    beside.calls.stepDone(1)
    assert.notEqual(beside.calls.calls, undefined)
    beside.calls.stepDone(2)
    assert.equal(beside.calls.calls, undefined)

    const failed = begin()
    await assert.rejects(
      failed.calls.perform(['site'], () => Promise.reject(new Error('no'))),
      /no/,
    )
    failed.calls.stepDone(1)
    assert.equal(failed.calls.calls, undefined)
  })
})
