import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { openSource } from './byte-source.ts'
import { HeaderError, readHeader } from './header.ts'
import { readSnapshots } from './snapshots.ts'
import { checkTables } from './tables.ts'

// The damages of QEMU's own tests (tests/qemu-iotests): 060, 080, 114, 261, 303.

const folder = mkdtempSync(join(tmpdir(), 'iotests-'))
after(() => rmSync(folder, { recursive: true }))
const qemu = (program: string, ...args: string[]) => execFileSync(program, args, { stdio: 'pipe' })

const at = {
  backingOffset: 8,
  backingBytes: 16,
  l1Entries: 36,
  l1Offset: 40,
  refcountTableOffset: 48,
  refcountTableClusters: 56,
  snapshots: 60,
  snapshotsOffset: 64,
  headerBytes: 100,
  extension: 112,
} as const

type Pokes = readonly (readonly [at: number, hex: string])[]

/** An image with data, and one with internal snapshots. */
const plain = join(folder, 'plain')
qemu('qemu-img', 'create', '-q', '-f', 'qcow2', plain, '64M')
qemu('qemu-io', '-f', 'qcow2', '-c', 'write -q 0 512', plain)
const withSnapshots = join(folder, 'snapshots')
copyFileSync(plain, withSnapshots)
for (const name of ['one', 'two']) qemu('qemu-img', 'snapshot', '-c', name, withSnapshots)
const bytes = readFileSync(withSnapshots)
const firstSnapshot = Number(bytes.readBigUInt64BE(at.snapshotsOffset))
const l1 = Number(bytes.readBigUInt64BE(at.l1Offset))
const l2 = Number(bytes.readBigUInt64BE(l1) & 0x00ff_ffff_ffff_fe00n)

function poked(name: string, from: string, pokes: Pokes): string {
  const path = join(folder, name)
  const image = readFileSync(from)
  for (const [offset, hex] of pokes) image.set(Buffer.from(hex, 'hex'), offset)
  writeFileSync(path, image)
  return path
}

/** The verdict: `sound`, or why not. */
async function said(path: string): Promise<string> {
  await using source = await openSource(path)
  try {
    const header = await readHeader(source)
    for await (const _ of readSnapshots(source, header));
    return (await checkTables(source, header, source.fileBytes)).verdict
  } catch (error) {
    assert.ok(error instanceof HeaderError, String(error))
    return error.problem
  }
}

describe('an image that QEMU does not open is not taken for sound', () => {
  const recipes: Readonly<Record<string, Pokes>> = {
    '080: a huge header': [[at.headerBytes, 'ffffffff']],
    '080: a header that is just too long': [[at.headerBytes, '7fffffff']],
    '080: a huge header extension': [[at.extension, '123456787fffffff']],
    '080: a header extension that is longer than the header': [
      [at.backingOffset, '0000000000000080'],
      [at.extension, '1234567800000100'],
    ],
    '080: a huge refcount table': [[at.refcountTableClusters, 'ffffffff']],
    '080: a refcount table over the limit': [[at.refcountTableClusters, '00020001']],
    '080: a misaligned refcount table': [[at.refcountTableOffset, '1234567890abcdef']],
    '080: a refcount table at a huge offset': [
      [at.refcountTableOffset, 'ffffffffffff0000'],
      [at.refcountTableClusters, '0000007f'],
    ],
    '080: a huge snapshot table': [
      [at.snapshots, 'ffffffff'],
      [at.snapshotsOffset, '0000000000070000'],
    ],
    '080: a snapshot table at a huge offset': [
      [at.snapshots, '0000ffff'],
      [at.snapshotsOffset, 'ffffffffffff0000'],
    ],
    '080: a misaligned snapshot table': [
      [at.snapshots, '00000001'],
      [at.snapshotsOffset, '1234567890abcdef'],
    ],
    '080: a huge L1 table': [[at.l1Entries, 'ffffffff']],
    '080: an L1 table over the limit': [[at.l1Entries, '7fffffff']],
    '080: an L1 table that is too small': [[at.l1Entries, '00000000']],
    '080: an L1 table at a huge offset': [[at.l1Offset, '7ffffffffffffff0']],
    '080: a misaligned L1 table': [[at.l1Offset, '1234567890abcdef']],
    '080: a name of a parent beyond the header': [
      [at.backingOffset, 'ffffffffffffffff'],
      [at.backingBytes, '00000010'],
    ],
    '080: a name of a parent that is too long': [
      [at.backingOffset, '0000000000000200'],
      [at.backingBytes, 'ffffffff'],
    ],
    '060: an L2 table that is not there': [[l1, '80000000ffff0000']],
    '060: an L2 table that begins within a cluster': [[l1, '8000000000042a00']],
    '060: a cluster that begins within a cluster': [[l2, '8000000000052a00']],
    '060: no refcount table': [[at.refcountTableOffset, '0000000000000000']],
    '261: a snapshot with too much extra data': [[firstSnapshot + 36, '7fffffff']],
    '261: a snapshot whose table goes beyond the end': [[firstSnapshot, '7fffffffffff0000']],
  }
  for (const [name, pokes] of Object.entries(recipes))
    it(name, async () => {
      const path = poked(name, withSnapshots, pokes)
      assert.notEqual(spawnSync('qemu-img', ['check', '-f', 'qcow2', path]).status, 0, 'QEMU takes it')
      assert.notEqual(await said(path), 'sound')
    })

  it('the undamaged image is sound', async () => assert.equal(await said(withSnapshots), 'sound'))
})

it('114: an unknown format of a parent is reported as it is', async () => {
  const overlay = join(folder, 'overlay')
  qemu('qemu-img', 'create', '-q', '-f', 'qcow2', '-b', plain, '-F', 'qcow2', overlay)
  const extension = readFileSync(overlay).indexOf(Buffer.from('e2792aca', 'hex'))
  const path = poked('unknown format', overlay, [[extension + 4, '00000003666f6f0000']])
  const info = execFileSync('qemu-img', ['info', '-f', 'qcow2', '--output=json', path], { encoding: 'utf8' })
  assert.match(info, /"backing-filename-format": "foo"/)
  await using source = await openSource(path)
  assert.equal((await readHeader(source)).backingFormat, 'foo')
})

it('303: bitmaps of several granularities are counted, and are not taken for damage', async () => {
  const path = join(folder, 'bitmaps')
  copyFileSync(plain, path)
  for (const granularity of ['512', '64k', '2M'])
    qemu('qemu-img', 'bitmap', '--add', '-g', granularity, path, `by ${granularity}`)
  await using source = await openSource(path)
  assert.equal((await readHeader(source)).bitmaps?.count, 3)
  assert.equal(await said(path), 'sound')
})
