import assert from 'node:assert/strict'
import { it } from 'node:test'
import { hubIdOf, hubPidOf } from './hub-id.ts'

it('leads back to the process', async () => {
  assert.equal(await hubPidOf(await hubIdOf(process.pid)), process.pid)
})
