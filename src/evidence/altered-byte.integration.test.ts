import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { packOf, trusted } from './pack.fixture.ts'
import { verifyPack } from './verify-pack.ts'

describe('an evidence pack with one byte changed', () => {
  it('is refused or invalid, whichever byte it is', async () => {
    const pack = await packOf()
    // Each byte of the first header and file, and every seventh of all others.
    for (let at = 0; at < pack.length; at += at < 1024 ? 1 : 7) {
      const copy = Buffer.from(pack)
      copy[at] = (copy[at] ?? 0) ^ 1
      const end = await verifyPack(copy, 'pack', trusted).then(
        ({ verdict }) => verdict,
        (error: Error) => error.name,
      )
      assert.ok(end === 'invalid' || end === 'InputError', `byte ${at}: ${end}`)
    }
  })
})
