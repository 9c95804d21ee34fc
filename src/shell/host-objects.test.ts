import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type ObjectShape, objectStream, objectsIn } from './host-objects.ts'

const shape: ObjectShape = { path: 'string' }
const one = { path: '/a', is: { deep: ['{"path":"no"}'] } }
const other = { path: '/ü' }

const noisy: readonly [what: string, text: string][] = [
  ['nothing', `${JSON.stringify(one)}\n${JSON.stringify(other)}\n`],
  [
    'lines before, between and after them',
    `Welcome!\n${JSON.stringify(one)}\n*** late\n${JSON.stringify(other)}\nbye\n`,
  ],
  ['text without a newline', `Welcome!${JSON.stringify(one)}\nlate ${JSON.stringify(other)}\nbye`],
  ['braces', `{ hello } {"a":\n{${JSON.stringify(one)}\n[1] {}\n${JSON.stringify(other)}\n}`],
  ['control sequences and bytes', `\x1b[31m\u0000\u009b\x07${JSON.stringify(one)}\n\ufffd\n${JSON.stringify(other)}\n`],
  ['JSON of others', `{"level":"warning"}\n${JSON.stringify(one)}\n{"path":7}\nnull\n"x"\n${JSON.stringify(other)}\n`],
]

describe('objects that a host prints', () => {
  for (const [what, text] of noisy)
    it(`are found beside ${what}`, () => {
      assert.deepEqual(objectsIn(text, shape), [one, other])
      const found: unknown[] = []
      const stream = objectStream(shape, (object) => found.push(object))
      for (const byte of Buffer.from(text)) stream.add(Uint8Array.of(byte))
      assert.deepEqual(found, [one, other])
    })

  it('are not taken from a line that ended in the middle, or from text that is not theirs', () => {
    assert.deepEqual(objectsIn('{"path":"/a"', shape), [])
    assert.deepEqual(objectsIn('{'.repeat(100_000), shape), [])
    assert.deepEqual(objectsIn('{"path":null}\n{"path":{}}\n[{"path":"/a"}]', { path: 'object' }), [{ path: {} }])
  })
})
