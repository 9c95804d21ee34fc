import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { it } from 'node:test'
import { identifyProcess, isAlive, thisProcess } from './process-identity.ts'

it('the identity of this process has its start time and boot id', async () => {
  const me = await thisProcess()
  assert.equal(me.pid, process.pid)
  assert.match(me.startTime, /^\d+$/)
  assert.equal(me.bootId, readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim())
  assert.equal(await isAlive(me), true)
})

it('a process with the same number but another start or boot is not alive', async () => {
  const me = await thisProcess()
  assert.equal(await isAlive({ ...me, startTime: `${Number(me.startTime) - 1}` }), false)
  assert.equal(await isAlive({ ...me, bootId: 'before the last reboot' }), false)
  assert.equal(await identifyProcess(0), undefined)
})
