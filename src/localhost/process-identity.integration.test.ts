import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { until } from '../concurrency/deadline.ts'
import { identify, isAlive } from './process-identity.ts'

it('sees a process end', async () => {
  const child = spawn('sleep', ['60'])
  assert.ok(child.pid)
  const identity = await identify(child.pid)
  assert.ok(identity && (await isAlive(identity)))
  child.kill('SIGKILL')
  await once(child, 'exit')
  assert.equal(await isAlive(identity), false)
})

it('takes a dead process for dead though nobody has asked for its exit code', async () => {
  // The shell becomes a program that does not know of the child.
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
    assert.equal(await identify(zombie), undefined)
  } finally {
    parent.kill('SIGKILL')
    await once(parent, 'exit')
  }
})

it('reads the start of a process whose name looks like the fields after it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'identity-'))
  const program = join(folder, 'a) Z 1 (b')
  copyFileSync('/bin/sleep', program)
  const child = spawn(program, ['60'])
  try {
    assert.ok(child.pid)
    const plain = await identify(process.pid)
    const identity = await identify(child.pid)
    assert.ok(identity && plain)
    assert.ok(Number(identity.startTime) >= Number(plain.startTime))
  } finally {
    child.kill('SIGKILL')
    await once(child, 'exit')
    rmSync(folder, { recursive: true })
  }
})
