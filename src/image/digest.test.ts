import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { blockBytes, digestContent } from './digest.ts'

/** Bytes other than zero, the same ones for the same seed. */
function bytes(length: number, seed: string): Uint8Array {
  return Buffer.from(createHash('shake256', { outputLength: length }).update(seed).digest()).map((byte) => byte || 1)
}

test('the digest follows its definition', async () => {
  const number = (value: number) => Buffer.from(value.toString(16).padStart(16, '0'), 'hex')
  const sha256 = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest()
  const last = bytes(512, 'c')
  assert.equal(
    await digestContent([Buffer.alloc(blockBytes), last], blockBytes + 512),
    sha256(number(blockBytes + 512), number(1), sha256(last)).toString('hex'),
  )
  assert.equal(await digestContent([], 0), sha256(number(0)).toString('hex'))
})

test('the digest depends on the size of the content, not on its pieces', async () => {
  const content = bytes(3 * blockBytes + 100, 'j')
  const pieces = function* (length: number) {
    for (let at = 0; at < content.length; at += length) yield content.subarray(at, at + length)
  }
  const whole = await digestContent([content], content.length)
  for (const length of [1000, blockBytes, blockBytes + 1])
    assert.equal(await digestContent(pieces(length), content.length), whole)
  await assert.rejects(digestContent([content], content.length + 1), RangeError)
})
