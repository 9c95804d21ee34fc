import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Capture } from './capture.ts'

const captured = (maxBytes: number, chunks: readonly string[]): Capture => {
  const capture = new Capture(maxBytes)
  for (const chunk of chunks) capture.add(Buffer.from(chunk))
  return capture
}

describe('Capture', () => {
  it('keeps output that fits, and output that exceeds the limit by less than an end', () => {
    assert.equal(captured(10, ['abc', 'def']).text(), 'abcdef')
    assert.equal(captured(4, ['abc', 'def']).text(), 'abcdef')
    assert.equal(captured(4, ['abc', 'def']).totalBytes, 6)
  })

  it('keeps beginning and end, and counts the bytes between them, however the output is cut into chunks', () => {
    const text = `begin${'-'.repeat(300_000)}end`
    for (const size of [1, 7, 65_536, 1_000_000]) {
      const chunks = Array.from({ length: Math.ceil(text.length / size) }, (_, at) =>
        text.slice(at * size, (at + 1) * size),
      )
      const kept = captured(8, chunks).text()
      const [, missing = ''] =
        /^begin---\n\[(\d+) bytes left out\]\n-+end$/.exec(kept) ?? assert.fail(kept.slice(0, 99))
      assert.equal(kept.length - `\n[${missing} bytes left out]\n`.length + Number(missing), text.length)
    }
  })
})
