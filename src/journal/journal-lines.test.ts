import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { journalLines } from './journal-lines.ts'

function read(parts: readonly Uint8Array[]): { readonly lines: readonly string[]; readonly rest: string } {
  const lines: string[] = []
  const reader = journalLines(parts)
  let line = reader.next()
  for (; line.done !== true; line = reader.next()) lines.push(line.value)
  return { lines, rest: line.value }
}

describe('lines of a journal', () => {
  const bytes = Buffer.concat([
    Buffer.from('one\n\ntwo ä 🙂\r\nthree '),
    Buffer.from([0xff, 0xe2]),
    Buffer.from('\nrest ü'),
  ])
  const [rest = '', ...lines] = bytes.toString('utf8').split('\n').reverse()

  it('are the same wherever the parts of the file end', () => {
    for (let first = 0; first <= bytes.length; first++)
      for (let second = first; second <= bytes.length; second++) {
        const parts = [bytes.subarray(0, first), bytes.subarray(first, second), bytes.subarray(second)]
        assert.deepEqual(read(parts), { lines: lines.toReversed(), rest }, `${first}, ${second}`)
      }
  })

  it('have no rest if the last one is complete, and are none in an empty file', () => {
    assert.deepEqual(read([Buffer.from('a\n')]), { lines: ['a'], rest: '' })
    assert.deepEqual(read([]), { lines: [], rest: '' })
  })

  it('do not depend on a part that is read again into the same memory', () => {
    const memory = Buffer.from('be')
    function* parts(): Generator<Uint8Array> {
      yield memory
      memory.write('gn')
      yield memory
      memory.write('\n!')
      yield memory
    }
    const reader = journalLines(parts())
    assert.equal(reader.next().value, 'begn')
  })
})
