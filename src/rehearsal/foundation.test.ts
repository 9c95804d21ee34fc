import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Checkpoint } from './checkpoints.ts'
import { Foundation } from './foundation.ts'

const saved = (...calls: readonly string[]): Checkpoint =>
  ({ key: 'k', calls: calls.map((name) => JSON.stringify([name])), events: [], tookMs: 1 }) as unknown as Checkpoint

function lay(checkpoint?: Checkpoint) {
  const seen: string[] = []
  const foundation = new Foundation({
    find: () => checkpoint,
    takeOver: async () => void seen.push('taken over'),
  })
  return { foundation, seen, lay: (name: string) => foundation.lay([name], async () => void seen.push(name)) }
}

describe('the foundation of a drill', () => {
  it('is carried out and noted, in order', async () => {
    const { foundation, seen, lay: one } = lay()
    await one('site')
    await one('backup')
    assert.deepEqual(seen, ['site', 'backup'])
    assert.deepEqual(foundation.calls, ['["site"]', '["backup"]'])
  })

  it('is what was laid when it was asked, whatever is laid after it', async () => {
    const { foundation, lay: one } = lay()
    await one('background')
    const { calls } = foundation
    await one('a step of the scenario')
    assert.deepEqual(calls, ['["background"]'])
  })

  it('counts what belongs to something bigger as one', async () => {
    const { foundation, seen, lay: one } = lay()
    await foundation.lay(['replica site'], async () => {
      await one('site')
      await one('replicate')
    })
    assert.deepEqual(seen, ['site', 'replicate'])
    assert.deepEqual(foundation.calls, ['["replica site"]'])
  })

  it('is checked off where it was saved, taken over with its last call, and goes on after it', async () => {
    const { foundation, seen, lay: one } = lay(saved('site', 'backup'))
    await one('site')
    assert.deepEqual(seen, [])
    await one('backup')
    await one('another')
    assert.deepEqual(seen, ['taken over', 'another'])
    assert.equal(foundation.calls, undefined)
  })

  it('is not taken over when another thing is asked for', async () => {
    const { seen, lay: one } = lay(saved('site', 'backup'))
    await one('site')
    await assert.rejects(one('upgrade'), {
      code: 'checkpoint-differs',
      message: /asks for \["upgrade"\].*is \["backup"\]/,
    })
    assert.deepEqual(seen, [])
  })

  it('is of no use to others when a step did something beside it, or failed', async () => {
    const beside = lay()
    await beside.lay('site')
    beside.foundation.stepDone(1)
    assert.notEqual(beside.foundation.calls, undefined)
    beside.foundation.stepDone(2)
    assert.equal(beside.foundation.calls, undefined)

    const failed = lay()
    await assert.rejects(
      failed.foundation.lay(['site'], () => Promise.reject(new Error('no'))),
      /no/,
    )
    failed.foundation.stepDone(1)
    assert.equal(failed.foundation.calls, undefined)
  })
})
