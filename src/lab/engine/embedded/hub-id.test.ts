import assert from 'node:assert/strict'
import { it } from 'node:test'
import { hubIdOf, hubPidOf } from './hub-id.ts'

it("hubPidOf returns the process of a hub's id", async () => {
  assert.equal(await hubPidOf(await hubIdOf(process.pid)), process.pid)
})
