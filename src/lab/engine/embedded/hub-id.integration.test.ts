import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { it } from 'node:test'
import { hubIdOf, hubPidOf } from './hub-id.ts'

it('hubPidOf throws if the process has ended, or another process has its number', async () => {
  const child = spawn('sleep', ['60'])
  const id = await hubIdOf(child.pid ?? 0)
  child.kill('SIGKILL')
  await once(child, 'exit')
  await assert.rejects(hubPidOf(id), /the lab has ended/)
  const [pid, startTime] = (await hubIdOf(process.pid)).split('-')
  await assert.rejects(hubPidOf(`${pid}-${Number(startTime) - 1}`), /the lab has ended/)
  await assert.rejects(hubPidOf('nonsense'), /the lab has ended/)
})
