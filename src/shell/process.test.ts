import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { graceMs, type Process, stop } from './process.ts'

it('a process has its time to end from when it is told, which may take a while', async () => {
  const signals: string[] = []
  const over = Promise.withResolvers<void>()
  const process: Process = {
    startedAt: performance.now(),
    stdin: new PassThrough(),
    stdout: new PassThrough(),
    stderr: new PassThrough(),
    exit: new Promise(() => {}),
    kill: async (signal) => {
      if (signal === 'SIGTERM') {
        await delay(0.75 * graceMs)
        delay(0.5 * graceMs).then(() => {
          signals.push('ended')
          over.resolve()
        })
      }
      signals.push(signal)
    },
    abandon: () => signals.push('abandoned'),
  }
  await stop(process, over.promise)
  // The last one is for children that are left.
  assert.deepEqual(signals, ['SIGTERM', 'ended', 'SIGKILL'])
})
