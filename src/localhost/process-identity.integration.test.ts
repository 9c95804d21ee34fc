import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { until } from '../concurrency/deadline.ts'
import { identifyProcess, isAlive } from './process-identity.ts'

it('a process that has exited is not alive', async () => {
  const child = spawn('sleep', ['60'])
  assert.ok(child.pid)
  const identity = await identifyProcess(child.pid)
  assert.ok(identity && (await isAlive(identity)))
  child.kill('SIGKILL')
  await once(child, 'exit')
  assert.equal(await isAlive(identity), false)
})

it('a zombie is dead', async () => {
  // The shell becomes a program that never waits for the child.
  const parent = spawn('sh', ['-c', 'sleep 0 & exec sleep 60'])
  const children = `/proc/${parent.pid}/task/${parent.pid}/children`
  try {
    const zombie = await until(
      'a zombie',
      async () => {
        const pid = readFileSync(children, 'utf8').trim()
        return pid !== '' && readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ') ? Number(pid) : undefined
      },
      { deadlineMs: 10_000, intervalMs: 10 },
    )
    assert.equal(await identifyProcess(zombie), undefined)
  } finally {
    parent.kill('SIGKILL')
    await once(parent, 'exit')
  }
})

it('the start time is read even if the name of the program looks like the fields after it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'identity-'))
  const program = join(folder, 'a) Z 1 (b')
  copyFileSync('/bin/sleep', program)
  const child = spawn(program, ['60'])
  try {
    assert.ok(child.pid)
    const plain = await identifyProcess(process.pid)
    const identity = await identifyProcess(child.pid)
    assert.ok(identity && plain)
    assert.ok(Number(identity.startTime) >= Number(plain.startTime))
  } finally {
    child.kill('SIGKILL')
    await once(child, 'exit')
    rmSync(folder, { recursive: true })
  }
})
