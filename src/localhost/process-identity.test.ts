import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { it } from 'node:test'
import { identify, isAlive, thisProcess } from './process-identity.ts'

it('knows this process', async () => {
  const me = await thisProcess()
  assert.equal(me.pid, process.pid)
  assert.match(me.startTime, /^\d+$/)
  assert.equal(me.bootId, readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim())
  assert.equal(await isAlive(me), true)
})

it('takes nobody for another process of the same number', async () => {
  const me = await thisProcess()
  assert.equal(await isAlive({ ...me, startTime: `${Number(me.startTime) - 1}` }), false)
  assert.equal(await isAlive({ ...me, bootId: 'before the last reboot' }), false)
  assert.equal(await identify(0), undefined)
})
