import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { blockBytes, digestContent } from './digest.ts'

/** Bytes that are not zero, the same for the same seed. */
function bytes(length: number, seed: string): Uint8Array {
  return Buffer.from(createHash('shake256', { outputLength: length }).update(seed).digest()).map((byte) => byte || 1)
}

test('the digest is what its definition says', async () => {
  const number = (value: number) => Buffer.from(value.toString(16).padStart(16, '0'), 'hex')
  const sha256 = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest()
  const last = bytes(512, 'c')
  assert.equal(
    await digestContent([Buffer.alloc(blockBytes), last], blockBytes + 512),
    sha256(number(blockBytes + 512), number(1), sha256(last)).toString('hex'),
  )
  assert.equal(await digestContent([], 0), sha256(number(0)).toString('hex'))
})

test('the pieces that content comes in do not matter, its size does', async () => {
  const content = bytes(3 * blockBytes + 100, 'j')
  const pieces = function* (length: number) {
    for (let at = 0; at < content.length; at += length) yield content.subarray(at, at + length)
  }
  const whole = await digestContent([content], content.length)
  for (const length of [1000, blockBytes, blockBytes + 1])
    assert.equal(await digestContent(pieces(length), content.length), whole)
  await assert.rejects(digestContent([content], content.length + 1), RangeError)
})
