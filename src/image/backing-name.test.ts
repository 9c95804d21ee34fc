import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { parseBackingName } from './backing-name.ts'

const folder = mkdtempSync(join(tmpdir(), 'backing-name-'))
after(() => rmSync(folder, { recursive: true }))

const json = (value: unknown) => parseBackingName(`json:${JSON.stringify(value)}`)
const path = (name: string, isAbsolute = true) => ({ kind: 'path', path: name, isAbsolute })

test('a path is absolute or relative, and may look like more', () => {
  assert.deepEqual(parseBackingName('/a/b c'), path('/a/b c'))
  assert.deepEqual(parseBackingName('../b'), path('../b', false))
  assert.deepEqual(parseBackingName('/a/10.0.0.1:b'), path('/a/10.0.0.1:b'))
  assert.deepEqual(parseBackingName('./a:b'), path('./a:b', false))
  assert.deepEqual(parseBackingName('file:/a/b'), path('/a/b'))
  assert.equal(parseBackingName('').kind, 'invalid')
})

test('a word and a colon is a protocol', () => {
  assert.deepEqual(parseBackingName('nbd://host/a'), { kind: 'protocol', protocol: 'nbd', rest: '//host/a' })
  assert.deepEqual(parseBackingName('rbd:pool/a'), { kind: 'protocol', protocol: 'rbd', rest: 'pool/a' })
  assert.deepEqual(parseBackingName('file:a'), { kind: 'protocol', protocol: 'file', rest: 'a' })
  assert.deepEqual(parseBackingName('a:b'), { kind: 'protocol', protocol: 'a', rest: 'b' })
})

test('json: is followed from driver to driver', () => {
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
  })
})

test('json: that ends in no file has no path', () => {
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

test('what is no JSON is invalid, and nothing is too deep', () => {
  for (const bad of ['', '{', '[]', 'null', '"a"', `{'a}`])
    assert.equal(parseBackingName(`json:${bad}`).kind, 'invalid')
  assert.equal(parseBackingName(`json:${'{"file":'.repeat(120)}{}${'}'.repeat(120)}`).kind, 'json')
  parseBackingName(`json:${'{"file":'.repeat(100_000)}`)
  assert.deepEqual(json(JSON.parse('{"__proto__":{"driver":"file"}}')), {
    kind: 'json',
    drivers: [],
    hasOwnBacking: false,
  })
})

test('QEMU opens the file that is found in the name', () => {
  const image = (name: string, ...args: string[]) =>
    execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', ...args, join(folder, name), '1M'])
  const parent = join(folder, `it's "a"`)
  mkdirSync(join(folder, 'x'))
  image(`it's "a"`)
  const quoted = parent.replaceAll("'", "\\'")
  const names = [
    parent,
    `file:${parent}`,
    `json:${JSON.stringify({ driver: 'qcow2', file: { driver: 'file', filename: parent } })}`,
    `json:${JSON.stringify({ driver: 'qcow2', 'file.driver': 'file', 'file.filename': parent })}`,
    `json:${JSON.stringify({ driver: 'qcow2', 'file.filename': parent })}`,
    `json:${JSON.stringify({ driver: 'qcow2', file: { driver: 'raw', file: { driver: 'file', filename: parent } } })}`,
    `json:{'driver':'qcow2','file':{'driver':'file','filename':'${quoted}'}}`,
  ]
  for (const name of names) {
    const found = parseBackingName(name)
    assert.equal('path' in found && found.path, parent, name)
    image('overlay', '-b', name, '-F', 'qcow2')
  }
})
