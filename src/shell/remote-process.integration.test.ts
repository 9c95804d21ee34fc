import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { killLine } from './remote-process.ts'

describe('killLine', () => {
  // The `kill` of dash and that of bash accept different arguments.
  for (const shell of ['sh', 'bash', 'dash'])
    it(`ends a whole process group in ${shell}`, { timeout: 10_000 }, async (test) => {
      if (spawnSync(shell, ['-c', ':']).status !== 0) return test.skip(`${shell} is not installed`)
      const script = 'sleep 20 & echo $!; wait'
      const leader = spawn('sh', ['-c', script], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] })
      await once(leader.stdout, 'data')
      const closed = once(leader.stdout, 'close')
      assert.equal(spawnSync(shell, ['-c', killLine(leader.pid ?? 0, 'SIGKILL')]).status, 0)
      // The output closes when the last process has ended.
      await closed
    })
})
