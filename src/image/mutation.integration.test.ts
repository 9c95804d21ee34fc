import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { makeCorpus } from './corpus.fixture.ts'
import { HeaderError, parseHeader } from './header.ts'
import { parseMutated } from './mutation.fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'mutation-'))
after(() => rmSync(folder, { recursive: true }))
const corpus = makeCorpus(folder)
const headers = corpus.map(({ path }) => readFileSync(path).subarray(0, 1536))

test('a million mutated headers are read or refused, without another error', { timeout: 120_000 }, (t) => {
  const started = performance.now()
  const ends = parseMutated(headers, 1_000_000, 20_261_123)
  t.diagnostic(`${Math.round(performance.now() - started)} ms: ${JSON.stringify(ends)}`)
  for (const end of ['parsed', 'damaged', 'cut short', 'not qcow2', 'unsupported'])
    assert.ok((ends[end] ?? 0) > 100, end)
})

const u32 = (value: number) => Buffer.from(value.toString(16).padStart(8, '0'), 'hex')
const u64 = (value: bigint) => Buffer.from(value.toString(16).padStart(16, '0'), 'hex')

/** A value at an offset of the header, and whether QEMU opens the image. */
const changes: readonly (readonly [string, number, Buffer, boolean])[] = [
  ['version 1', 4, u32(1), false],
  ['version 4', 4, u32(4), false],
  ['clusters of 256', 20, u32(8), false],
  ['clusters of 4M', 20, u32(22), false],
  ['larger clusters', 20, u32(17), false],
  ['name beyond the cluster', 8, u64(65_537n), false],
  ['name beyond 2^63', 8, u64(2n ** 63n + 512n), false],
  ['name too long', 8, Buffer.concat([u64(512n), u32(1024)]), false],
  ['longest name', 8, Buffer.concat([u64(512n), u32(1023)]), true],
  ['name of no length', 8, Buffer.concat([u64(512n), u32(0)]), true],
  ['a larger disk', 24, u64(2n ** 40n), false],
  ['a disk beyond 2^63', 24, u64(2n ** 63n), false],
  ['a smaller disk', 24, u64(512n), true],
  ['encryption 3', 32, u32(3), false],
  ['L1 table of none', 36, u32(0), false],
  ['L1 table of many', 36, u32(2 ** 22), true],
  ['L1 table of too many', 36, u32(2 ** 22 + 1), false],
  ['L1 table in a cluster', 40, u64(3n * 65_536n + 8n), false],
  ['L1 table beyond 2^63', 40, u64(2n ** 63n), false],
  ['L1 table beyond 2^53', 40, u64(2n ** 62n), true],
  ['refcount table beyond 2^53', 48, u64(2n ** 62n), true],
  ['snapshots beyond 2^53', 64, u64(2n ** 62n), true],
  ['refcount table in a cluster', 48, u64(65_537n), false],
  ['no refcount table', 56, u32(0), false],
  ['large refcount table', 56, u32(129), false],
  ['many snapshots', 60, u32(65_537), false],
  ['snapshots in a cluster', 64, u64(1n), false],
  ['incompatible bit 5', 72, u64(32n), false],
  ['incompatible bit 63', 72, u64(2n ** 63n), false],
  ['corrupt', 72, u64(2n), true],
  ['compression type without zstd', 72, u64(8n), false],
  ['compatible bits', 80, u64(2n ** 64n - 1n), true],
  ['autoclear bits', 88, u64(2n ** 64n - 8n), true],
  ['refcounts of 64 bits', 96, u32(6), true],
  ['refcounts of 128 bits', 96, u32(7), false],
  ['header of 103 bytes', 100, u32(103), false],
  ['header beyond the cluster', 100, u32(65_537), false],
  ['compression type 2', 104, Buffer.from([2]), false],
  ['zstd without its bit', 104, Buffer.from([1]), false],
  ['extension too long', 116, u32(65_536), false],
  ['end of extensions with a length', 112, Buffer.concat([u32(0), u32(16)]), true],
  ['end of extensions beyond the cluster', 112, Buffer.concat([u32(0), u32(65_536)]), false],
  ['end of extensions with the largest length', 112, Buffer.concat([u32(0), u32(0xff_ff_ff_ff)]), false],
  ['half an extension before the name', 8, Buffer.concat([u64(116n), u32(10)]), false],
  ['backing format too long', 112, Buffer.concat([u32(0xe2_79_2a_ca), u32(16)]), false],
  ['encryption header without encryption', 112, Buffer.concat([u32(0x05_37_be_77), u32(16)]), false],
]

test('exactly what QEMU refuses to open is refused', async (t) => {
  const plain = corpus.find(({ name }) => name === 'plain')
  assert.ok(plain)
  const original = readFileSync(plain.path)
  for (const [what, at, bytes, isOpened] of changes) {
    await t.test(what, () => {
      const changed = Buffer.from(original)
      bytes.copy(changed, at)
      const path = join(folder, 'changed')
      writeFileSync(path, changed)
      const { status, stderr } = spawnSync('qemu-img', ['info', '-f', 'qcow2', path], { encoding: 'utf8' })
      assert.equal(status === 0, isOpened, stderr)
      if (isOpened) parseHeader(changed)
      else assert.throws(() => parseHeader(changed), HeaderError)
    })
  }
})

test('unknown incompatible features are refused with their names in the image', () => {
  const header = Uint8Array.from(headers[0] ?? [])
  header.set([0, 0, 0, 0, 0, 0, 0x03, 0x20], 72)
  assert.throws(() => parseHeader(header), { message: 'unsupported: incompatible features: bit 5, bit 8, bit 9' })
  // The first name in the image becomes that of bit 8.
  const at = Buffer.from(header).indexOf(Buffer.from('6803f857', 'hex')) + 8
  header.set([0, 8, ...Buffer.from('time travel\x1b[2J\0')], at)
  assert.throws(() => parseHeader(header), {
    problem: 'unsupported',
    message: 'unsupported: incompatible features: bit 5, time travel?[2J, bit 9',
  })
})
