import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { MachineError } from '../errors.ts'
import { LineSplitter } from './line-splitter.ts'

const linesOf = (chunks: readonly Uint8Array[], maxBytes?: number): readonly string[] => {
  const lines: string[] = []
  const splitter = new LineSplitter((line) => lines.push(line), maxBytes)
  for (const chunk of chunks) splitter.add(chunk)
  return lines
}

describe('LineSplitter', () => {
  it('splits lines wherever chunks are cut, also within a character', () => {
    const bytes = Buffer.from('one\n\nzwölf\n€ and a rest')
    for (let size = 1; size <= bytes.length; size++) {
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
        bytes.subarray(at * size, (at + 1) * size),
      )
      assert.deepEqual(linesOf(chunks), ['one', '', 'zwölf'], `in chunks of ${size} bytes`)
    }
  })

  it('throws for a line that is too long, before it has ended', () => {
    assert.deepEqual(linesOf([Buffer.from('12345\n12345\n')], 5), ['12345', '12345'])
    assert.throws(() => linesOf([Buffer.from('12'), Buffer.from('3456')], 5), MachineError)
    assert.throws(() => linesOf([Buffer.alloc(2_000_000)]), /a line of more than 1048576 bytes/)
  })
})
