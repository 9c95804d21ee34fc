import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { killLine } from './remote-process.ts'

describe('the line that ends a process group', () => {
  // dash and bash differ in what their kill takes.
  for (const shell of ['sh', 'bash', 'dash'])
    it(`ends all of it, as ${shell} understands it`, { timeout: 10_000 }, async (test) => {
      if (spawnSync(shell, ['-c', ':']).status !== 0) return test.skip(`${shell} is not here`)
      const script = 'sleep 20 & echo $!; wait'
      const leader = spawn('sh', ['-c', script], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] })
      await once(leader.stdout, 'data')
      const closed = once(leader.stdout, 'close')
      assert.equal(spawnSync(shell, ['-c', killLine(leader.pid ?? 0, 'SIGKILL')]).status, 0)
      // Its output is closed when the last of them is gone.
      await closed
    })
})
