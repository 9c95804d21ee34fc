import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { HeaderError, parseHeader } from './header.ts'
import { create, describeChain, parseChain } from './qemu.ts'

const folder = mkdtempSync(join(tmpdir(), 'header-'))
after(() => rmSync(folder, { recursive: true }))

/** The first cluster of an image by qemu-img. */
function image(name: string, ...args: string[]): Buffer {
  const path = join(folder, name)
  execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', ...args, path, '1000000000'])
  return readFileSync(path).subarray(0, 65_536)
}

const full = image('full')
const parent = join(folder, 'full')
const overlay = image('overlay', '-b', parent, '-F', 'qcow2')

const problemOf = (bytes: Uint8Array) => {
  try {
    parseHeader(bytes)
  } catch (error) {
    assert.ok(error instanceof HeaderError, String(error))
    return error.problem
  }
  return undefined
}

/** Returns a copy with some bytes replaced. */
function changed(bytes: Uint8Array, at: number, ...values: number[]): Uint8Array {
  const copy = Uint8Array.from(bytes)
  copy.set(values, at)
  return copy
}

test('a full image has no parent', () => {
  assert.deepEqual(parseHeader(full), {
    version: 3,
    headerBytes: 112,
    clusterBits: 16,
    clusterBytes: 65_536,
    virtualSizeBytes: 1_000_000_000,
    encryption: 'none',
    incompatibleFeatures: 0n,
    compatibleFeatures: 0n,
    autoclearFeatures: 0n,
    features: { incompatible: [], compatible: [], autoclear: [] },
    extendedL2: false,
    compressionType: 'zlib',
    l1: { offset: 196_608, entries: 2 },
    refcountTable: { offset: 65_536, clusters: 1 },
    refcountBits: 16,
    snapshots: { count: 0, offset: 0 },
    unknownExtensions: [],
  })
})

test('an overlay names its parent and the format', () => {
  const { backing, backingFormat } = parseHeader(overlay)
  assert.equal(backing?.name, parent)
  assert.equal(backing.lengthBytes, parent.length)
  assert.equal(backingFormat, 'qcow2')
})

test('version 2, small clusters and a non-ASCII name are read', () => {
  const name = join(folder, 'größe')
  execFileSync('cp', [parent, name])
  const { version, clusterBytes, backing } = parseHeader(
    image('small', '-u', '-b', name, '-F', 'qcow2', '-o', 'compat=0.10,cluster_size=512').subarray(0, 512),
  )
  assert.deepEqual([version, clusterBytes, backing?.name], [2, 512, name])
})

test('an incomplete or inconsistent header is refused', () => {
  assert.equal(problemOf(new Uint8Array(0)), 'not qcow2')
  assert.equal(problemOf(Buffer.from('garbage, and more of it')), 'not qcow2')
  assert.equal(problemOf(overlay.subarray(0, 10)), 'cut short')
  assert.equal(problemOf(overlay.subarray(0, 103)), 'cut short')
  const name = parseHeader(overlay).backing
  assert.ok(name)
  assert.equal(problemOf(overlay.subarray(0, name.offset + name.lengthBytes - 1)), 'cut short')
  assert.equal(problemOf(changed(overlay, 7, 4)), 'unsupported')
  assert.equal(problemOf(changed(overlay, 23, 40)), 'damaged')
  assert.equal(problemOf(changed(overlay, 8, 255)), 'damaged')
  assert.equal(problemOf(changed(overlay, 18, 255)), 'damaged')
  assert.equal(problemOf(changed(overlay, 24, 255)), 'damaged')
  assert.equal(problemOf(changed(overlay, 35, 9)), 'unsupported')
  assert.equal(problemOf(changed(overlay, 100, 1)), 'damaged')
})

test('a header that is cut or changed anywhere is read or refused, without another error', () => {
  for (let length = 0; length < 700; length++) {
    problemOf(overlay.subarray(0, length))
    problemOf(full.subarray(0, length))
  }
  const extensionAt = full.readUint32BE(100)
  assert.equal(problemOf(full.subarray(0, extensionAt + 6)), 'cut short')
  assert.equal(problemOf(full.subarray(0, extensionAt + 8)), 'cut short')
  const namesFormat = changed(full, extensionAt, 0xe2, 0x79, 0x2a, 0xca)
  assert.equal(problemOf(namesFormat.subarray(0, extensionAt + 12)), 'cut short')
  for (let at = 0; at < 200; at++) for (const value of [0, 1, 127, 255]) problemOf(changed(overlay, at, value))
})

test('the parent is the one that qemu-img reads', () => {
  const path = join(folder, 'top')
  const [program, ...args] = create(path, 1_000_000_000, { name: join(folder, 'overlay') })
  execFileSync(program, args)
  const [info, ...infoArgs] = describeChain(path)
  const links = parseChain(execFileSync(info, infoArgs, { encoding: 'utf8' }))
  assert.deepEqual(
    links.map((link) => link.backingName),
    [join(folder, 'overlay'), parent, undefined],
  )
  for (const link of links) {
    const header = parseHeader(readFileSync(link.name).subarray(0, 65_536))
    assert.equal(header.backing?.name, link.backingName)
    assert.equal(header.virtualSizeBytes, link.virtualSizeBytes)
  }
  assert.throws(() => parseChain('{}'), TypeError)
  assert.throws(() => parseChain(''), SyntaxError)
})
