import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { graceMs, type Process, stopProcess } from './process.ts'

it('a stopped process has its full time to end after the signal has arrived, however late', async () => {
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
  await stopProcess(process, over.promise)
  // SIGKILL is for remaining children.
  assert.deepEqual(signals, ['SIGTERM', 'ended', 'SIGKILL'])
})
