import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { firstObjectIn, type ObjectShape, objectStream, objectsIn } from './host-objects.ts'

const shape: ObjectShape = { path: 'string' }
const one = { path: '/a', is: { deep: ['{"path":"no"}'] } }
const other = { path: '/ü' }

const noisy: readonly [what: string, text: string][] = [
  ['nothing', `${JSON.stringify(one)}\n${JSON.stringify(other)}\n`],
  [
    'lines before, between and after them',
    `Welcome!\n${JSON.stringify(one)}\n*** late\n${JSON.stringify(other)}\nbye\n`,
  ],
  ['text without a newline', `Welcome!${JSON.stringify(one)}\nlate ${JSON.stringify(other)}\nbye {"path":"`],
  ['braces', `{ hello } {"a" {\n{${JSON.stringify(one)}\n[1] {}\n${JSON.stringify(other)}\n}`],
  ['control sequences and bytes', `\x1b[31m\u0000\u009b\x07${JSON.stringify(one)}\n\ufffd\n${JSON.stringify(other)}\n`],
  ['JSON of others', `{"level":"warning"}\n${JSON.stringify(one)}\n{"path":7}\nnull\n"x"\n${JSON.stringify(other)}\n`],
]

describe('objects that a host prints', () => {
  for (const [what, text] of noisy)
    it(`are found beside ${what}`, () => {
      assert.deepEqual(objectsIn('host', text, shape), [one, other])
      const found: unknown[] = []
      const stream = objectStream('host', shape, (object) => found.push(object))
      for (const byte of Buffer.from(text)) stream.add(Uint8Array.of(byte))
      assert.deepEqual(found, [one, other])
    })

  it('are not taken from a line that has not ended, or from text that is not theirs', () => {
    assert.deepEqual(objectsIn('host', '{"path":"/a"}', shape), [])
    assert.deepEqual(objectsIn('host', `${'{'.repeat(100_000)}\n`, shape), [])
    const others = '{"path":null}\n{"path":{}}\n[{"path":"/a"}]\n'
    assert.deepEqual(objectsIn('host', others, { path: 'object' }), [{ path: {} }])
  })

  for (const line of ['{"path":"/a', '{"path":"/late a"', 'x {"path":"/a"}late', '{"path":"\u0007"}'])
    it(`throw if text of others has destroyed one: ${JSON.stringify(line)}`, () => {
      assert.throws(
        () => objectsIn('host', `${line}\n`, shape),
        /^MachineError: host: a program printed no result, but: /,
      )
    })

  it('are required where a program must print one', () => {
    assert.deepEqual(firstObjectIn('host', `hello\n${JSON.stringify(one)}\n`, shape), one)
    assert.throws(() => firstObjectIn('host', 'hello\n', shape), /host: a program printed no result, but: hello$/)
    assert.throws(() => firstObjectIn('host', '', shape), /host: a program printed nothing$/)
  })
})
