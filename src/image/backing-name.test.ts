import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseBackingName } from './backing-name.ts'

const json = (value: unknown) => parseBackingName(`json:${JSON.stringify(value)}`)
const path = (name: string, isAbsolute = true) => ({ kind: 'path', path: name, isAbsolute })

test('a path is absolute or relative, and may contain colons', () => {
  assert.deepEqual(parseBackingName('/a/b c'), path('/a/b c'))
  assert.deepEqual(parseBackingName('../b'), path('../b', false))
  assert.deepEqual(parseBackingName('/a/10.0.0.1:b'), path('/a/10.0.0.1:b'))
  assert.deepEqual(parseBackingName('./a:b'), path('./a:b', false))
  assert.deepEqual(parseBackingName('file:/a/b'), path('/a/b'))
  assert.equal(parseBackingName('').kind, 'invalid')
})

test('a word with a colon is a protocol', () => {
  assert.deepEqual(parseBackingName('nbd://host/a'), { kind: 'protocol', protocol: 'nbd', rest: '//host/a' })
  assert.deepEqual(parseBackingName('rbd:pool/a'), { kind: 'protocol', protocol: 'rbd', rest: 'pool/a' })
  assert.deepEqual(parseBackingName('file:a'), { kind: 'protocol', protocol: 'file', rest: 'a' })
  assert.deepEqual(parseBackingName('a:b'), { kind: 'protocol', protocol: 'a', rest: 'b' })
})

test('json: is resolved from driver to driver', () => {
  const one = { kind: 'json', drivers: ['qcow2', 'file'], path: '/a', hasOwnBacking: false }
  assert.deepEqual(json({ driver: 'qcow2', file: { driver: 'file', filename: '/a' } }), one)
  assert.deepEqual(json({ driver: 'qcow2', 'file.driver': 'file', 'file.filename': '/a' }), one)
  assert.deepEqual(parseBackingName(`json:{'driver':'qcow2','file':{'driver':'file','filename':'/a'}}`), one)
  assert.deepEqual(parseBackingName(`json:{'driver':'qcow2','file':{'driver':'file','filename':'/it\\'s "a"'}}`), {
    ...one,
    path: `/it's "a"`,
  })
  assert.deepEqual(
    json({
      driver: 'qcow2',
      encrypt: { format: 'luks', 'key-secret': 'sec0' },
      file: { driver: 'raw', file: { driver: 'file', filename: '/a' } },
    }),
    { kind: 'json', drivers: ['qcow2', 'raw', 'file'], path: '/a', keySecret: 'sec0', hasOwnBacking: false },
  )
  assert.deepEqual(json({ driver: 'luks', 'key-secret': 's', 'file.filename': '/a' }), {
    kind: 'json',
    drivers: ['luks'],
    path: '/a',
    keySecret: 's',
    hasOwnBacking: false,
    unusual: 'driver: luks',
  })
})

test('json: with options that change the content reports the first one', () => {
  const unusual = (value: unknown) => {
    const name = typeof value === 'string' ? parseBackingName(`json:${value}`) : json(value)
    return name.kind === 'json' ? name.unusual : name.kind
  }
  const file = { driver: 'file', filename: '/a' }
  const usual = [
    { driver: 'qcow2', file },
    { file: { filename: '/a' } },
    { driver: 'qcow2', encrypt: { format: 'luks', 'key-secret': 's' }, file },
    { driver: 'qcow2', file: { driver: 'raw', file } },
    { driver: 'qcow2', file: { driver: 'raw', file: { driver: 'raw', file } } },
  ]
  for (const value of usual) assert.equal(unusual(value), undefined, JSON.stringify(value))
  const rows: readonly (readonly [value: unknown, unusual: string])[] = [
    [{ driver: 'qcow2', file: { driver: 'raw', offset: 65_536, file } }, 'file.offset: 65536'],
    [{ driver: 'qcow2', file: { driver: 'raw', size: 512, file } }, 'file.size: 512'],
    [{ driver: 'raw', size: 512, file }, 'size: 512'],
    [{ driver: 'qcow2', file: { driver: 'luks', file } }, 'file.driver: luks'],
    [{ driver: 'throttle', 'throttle-group': 'g', file: { driver: 'qcow2', file } }, 'driver: throttle'],
    [{ driver: 'vmdk', file }, 'driver: vmdk'],
    [{ driver: 'qcow2', file: { driver: 'qcow2', file } }, 'file.driver: qcow2'],
    [{ driver: 'qcow2', file, 'data-file': { driver: 'file', filename: '/b' } }, 'data-file.driver: file'],
    [{ driver: 'qcow2', file: { ...file, locking: 'off' } }, 'file.locking: off'],
    [{ driver: 'qcow2', encrypt: { format: 'aes', 'key-secret': 's' }, file }, 'encrypt.format: aes'],
    // QEMU opens no image by these names.
    [{ driver: 'qcow2', filename: '/a' }, 'filename: /a'],
    [{ driver: 'qcow2', file: { driver: 'raw', filename: '/a' } }, 'file.filename: /a'],
    [{ driver: 'qcow2', file: { file } }, 'file.file.driver: file'],
    [{ driver: 'qcow2', file: { driver: 'host_device', filename: '/a' } }, 'file.driver: host_device'],
    ['{"driver":"qcow2","driver":"raw","file.filename":"/a"}', 'a duplicate key'],
    ['{"file":{},"file":{"filename":"/a"}}', 'a duplicate key'],
    ['{"file":{"filename":"/a"},"file.filename":"/b"}', 'a duplicate key'],
  ]
  for (const [value, expected] of rows) assert.equal(unusual(value), expected, JSON.stringify(value))
})

test('json: that does not end in a file has no path', () => {
  const hasPath = (value: unknown) => 'path' in json(value)
  assert.equal(hasPath({ driver: 'qcow2', file: { driver: 'nbd', host: 'h' } }), false)
  assert.equal(hasPath({ driver: 'qcow2', file: 'node0' }), false)
  assert.equal(hasPath({ driver: 'qcow2', 'file.filename': 'nbd://h' }), false)
  assert.equal(hasPath({ driver: 'qcow2', 'file.filename': 'json:{"driver":"file","filename":"/a"}' }), false)
  assert.equal(hasPath({ driver: 'blkdebug', filename: '/a' }), false)
  assert.equal(hasPath({}), false)
  const own = json({ driver: 'qcow2', file: { driver: 'file', filename: '/a' }, backing: null })
  assert.equal(own.kind === 'json' && own.hasOwnBacking, true)
})

test('json: with a text that QEMU does not accept in a name is invalid', () => {
  for (const filename of ['/a\0b', '\0', '/a\ud800', '/a\udc80b', '/\udc00\ud800'])
    for (const value of [{ 'file.filename': filename }, { file: { driver: 'file', filename } }, { [filename]: '/a' }])
      assert.equal(json(value).kind, 'invalid', JSON.stringify(value))
  assert.equal('path' in json({ 'file.filename': '/a\u{1f600}' }), true)
})

test('json: with a name of a file that is no text has no path', () => {
  for (const filename of [1, true, null, ['/a'], { a: '/a' }]) {
    const name = json({ driver: 'qcow2', file: { driver: 'file', filename } })
    assert.equal('path' in name, false, JSON.stringify(filename))
  }
})

test('json: without valid JSON is invalid, at any depth', () => {
  for (const bad of ['', '{', '[]', 'null', '"a"', `{'a}`])
    assert.equal(parseBackingName(`json:${bad}`).kind, 'invalid')
  assert.equal(parseBackingName(`json:${'{"file":'.repeat(120)}{}${'}'.repeat(120)}`).kind, 'json')
  parseBackingName(`json:${'{"file":'.repeat(100_000)}`)
  assert.deepEqual(json(JSON.parse('{"__proto__":{"driver":"file"}}')), {
    kind: 'json',
    drivers: [],
    hasOwnBacking: false,
    unusual: '__proto__.driver: file',
  })
})
