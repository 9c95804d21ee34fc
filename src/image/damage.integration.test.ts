import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { openSource } from './byte-source.ts'
import { changedBytes, damages, makeSeeds, type Seed } from './damage.fixture.ts'
import { parseHeader, readHeader } from './header.ts'
import { HeaderError } from './header-error.ts'
import { checkTables } from './tables.ts'

const folder = mkdtempSync(join(tmpdir(), 'damage-'))
after(() => rmSync(folder, { recursive: true }))
const seeds = makeSeeds(folder)

/** The verdict on the tables, or the problem with the header, and its sentence. */
async function verdictOf(path: string): Promise<readonly [verdict: string, why: string]> {
  await using source = await openSource(path)
  try {
    const header = await readHeader(source)
    const { verdict, why = '', what } = await checkTables(source, header, source.fileBytes)
    return [verdict, why === '' ? (what ?? '') : why]
  } catch (error) {
    if (!(error instanceof HeaderError)) throw error
    return [error.problem, error.message]
  }
}

/** What `qemu-img check` finds: 0 nothing, 1 that it cannot open the image, 2 errors, 3 only leaks. */
function checkAll(paths: readonly string[]): readonly number[] {
  const script = 'for path do qemu-img check -f qcow2 "$path" >/dev/null 2>&1; echo $?; done'
  return execFileSync('sh', ['-c', script, 'sh', ...paths], { encoding: 'utf8' })
    .trimEnd()
    .split('\n')
    .map(Number)
}

describe('tables and refcounts', () => {
  it('are sound in an image of every kind', async () => {
    for (const { name, path } of seeds) assert.deepEqual([name, await verdictOf(path)], [name, ['sound', '']])
  })

  it('are never called sound where qemu-img check finds an error, a leak, or an image it cannot open', async () => {
    const counts: Record<string, number> = {}
    const plain = seeds.filter(({ isEncrypted, parent }) => !isEncrypted && parent === undefined)
    mkdirSync(join(folder, 'damaged'))
    const damaged = [...damages(plain, 200, 20_261_129)].map(({ seed, bytes, original }, nth) => {
      const path = join(folder, 'damaged', `${nth}`)
      writeFileSync(path, bytes)
      return { path, about: `${seed.name}: ${changedBytes(original, bytes)}` }
    })
    const exits = checkAll(damaged.map(({ path }) => path))
    for (const [nth, { path, about }] of damaged.entries()) {
      const [verdict, why] = await verdictOf(path)
      const exit = exits[nth] ?? -1
      counts[`${exit} ${verdict}`] = (counts[`${exit} ${verdict}`] ?? 0) + 1
      const where = `${about}: qemu-img check exits with ${exit}, and the verdict is ${verdict} (${why})`
      if (exit !== 0) assert.notEqual(verdict, 'sound', where)
      // Encryption that is only claimed needs a secret, and what that would read is not known.
      if (exit === 1 && verdict === 'minor') assert.equal((await headerOf(path)).encryption, 'aes', where)
    }
    assert.ok((counts['0 sound'] ?? 0) > 3 && (counts['2 suspect'] ?? 0) > 3, JSON.stringify(counts))
  })
})

async function headerOf(path: string) {
  await using source = await openSource(path)
  return await readHeader(source)
}

describe('damage to an image', () => {
  const seedNamed = (name: string): Seed => {
    const seed = seeds.find((one) => one.name === name)
    assert.ok(seed)
    return seed
  }
  const bitmapsAt = (bytes: Buffer) => parseHeader(bytes).bitmaps?.offset ?? 0
  const place = (bytes: Buffer, at: number) => Number(bytes.readBigUInt64BE(at) & 0x00ff_ffff_ffff_fe00n)
  interface Tables {
    readonly bytes: Buffer
    readonly l1: number
    readonly l2: number
    readonly refcountTable: number
    readonly refcounts: number
    readonly clusterBytes: number
  }

  const cases: readonly [
    what: string,
    seed: string,
    change: (tables: Tables) => void,
    verdict: string,
    exit: number,
    why: RegExp,
  ][] = [
    [
      'a blank L2 table',
      'plain',
      ({ bytes, l2, clusterBytes }) => bytes.fill(0, l2, l2 + clusterBytes),
      'suspect',
      3,
      /^4 clusters are in use by refcount, but no table refers to them, the first at byte \d+$/,
    ],
    [
      'a blank L1 table',
      'plain',
      ({ bytes, l1 }) => bytes.fill(0, l1, l1 + 8),
      'suspect',
      3,
      /^5 clusters are in use by refcount, but no table refers to them/,
    ],
    [
      'two entries for one cluster',
      'plain',
      ({ bytes, l2 }) => bytes.copy(bytes, l2 + 8 * 3, l2, l2 + 8),
      'damaged',
      2,
      /^a cluster at byte \d+, for byte 196608 of the disk, is in use as a cluster of another part of the disk$/,
    ],
    [
      'an entry that leads to the L1 table',
      'plain',
      ({ bytes, l1, l2 }) => bytes.writeBigUInt64BE(BigInt(l1), l2),
      'damaged',
      2,
      /for byte 0 of the disk, is in use as the L1 table$/,
    ],
    [
      'an entry that leads to a refcount block',
      'plain',
      ({ bytes, l2, refcounts }) => bytes.writeBigUInt64BE(BigInt(refcounts), l2),
      'suspect',
      2,
      /is in use as a refcount block or bitmap$/,
    ],
    [
      'a refcount of 0 for content',
      'plain',
      ({ bytes, l2, refcounts, clusterBytes }) =>
        bytes.writeUInt16BE(0, refcounts + (place(bytes, l2) / clusterBytes) * 2),
      'suspect',
      2,
      /^1 cluster has more references than its refcount, at byte \d+$/,
    ],
    [
      'no refcounts at all',
      'plain',
      ({ bytes, refcountTable }) => bytes.fill(0, refcountTable, refcountTable + 8),
      'suspect',
      2,
      /have more references than their refcounts/,
    ],
    [
      'a refcount of 2 for content with one reference',
      'plain',
      ({ bytes, l2, refcounts, clusterBytes }) =>
        bytes.writeUInt16BE(2, refcounts + (place(bytes, l2) / clusterBytes) * 2),
      'minor',
      2,
      /refcount/,
    ],
    [
      'a flag that contradicts the refcount',
      'plain',
      ({ bytes, l2 }) => bytes.writeUInt8(bytes.readUInt8(l2) & 0x7f, l2),
      'minor',
      2,
      /^1 cluster has an entry with a flag that contradicts its refcount/,
    ],
    [
      'the mark of a corrupt image',
      'plain',
      ({ bytes }) => bytes.writeUInt8(2, 79),
      'suspect',
      0,
      /^QEMU has marked the image as corrupt$/,
    ],
    [
      'the mark of an image that is open',
      'plain',
      ({ bytes }) => bytes.writeUInt8(1, 79),
      'minor',
      0,
      /^the image was not closed by the program that wrote it$/,
    ],
    [
      'a compressed cluster that begins a byte later',
      'compressed by zlib',
      ({ bytes, l2 }) => bytes.writeUInt8(bytes.readUInt8(l2 + 7) + 1, l2 + 7),
      'damaged',
      0,
      /^the compressed cluster at byte \d+, for byte 0 of the disk, cannot be decompressed: /,
    ],
    [
      'a compressed cluster of another part of the disk',
      'compressed by zstd',
      ({ bytes, l2 }) => bytes.copy(bytes, l2, l2 + 8, l2 + 16),
      'damaged',
      0,
      /is in use twice$/,
    ],
    [
      'a bitmap of an unknown type',
      'bitmaps',
      ({ bytes }) => bytes.writeUInt8(7, bitmapsAt(bytes) + 16),
      'suspect',
      1,
      /^bitmap 1 has the unknown type 7$/,
    ],
    [
      'an entry of a bitmap with reserved bits',
      'bitmaps',
      ({ bytes }) => bytes.writeUInt8(4, Number(bytes.readBigUInt64BE(bitmapsAt(bytes))) + 7),
      'suspect',
      1,
      /^an entry of bitmap 1 has reserved bits$/,
    ],
    [
      'a LUKS header without a key',
      'encrypted',
      ({ bytes }) => bytes.writeUInt32BE(0xdead, (parseHeader(bytes).encryptionHeader?.offset ?? 0) + 208),
      'damaged',
      1,
      /^the encryption header has no key$/,
    ],
    [
      'reserved bits in a table of an internal snapshot',
      'snapshots',
      ({ bytes }) => {
        const snapshotL1 = Number(bytes.readBigUInt64BE(parseHeader(bytes).snapshots.offset))
        bytes.writeUInt8(8, snapshotL1 + 7)
      },
      'minor',
      2,
      /^entry 0 of the L1 table of the internal snapshot "one" has reserved bits$/,
    ],
    [
      'a kind of entry that version 2 does not have',
      'version 2',
      ({ bytes, l2 }) => bytes.writeUInt8(1, l2 + 7),
      'damaged',
      0,
      /is of a kind that images of version 2 do not have$/,
    ],
  ]

  for (const [what, seed, change, verdict, exit, why] of cases)
    it(`by ${what} makes its tables ${verdict}`, async () => {
      const bytes = readFileSync(seedNamed(seed).path)
      const l1 = Number(bytes.readBigUInt64BE(40))
      const refcountTable = Number(bytes.readBigUInt64BE(48))
      const clusterBytes = 2 ** bytes.readUInt32BE(20)
      change({ bytes, l1, l2: place(bytes, l1), refcountTable, refcounts: place(bytes, refcountTable), clusterBytes })
      const path = join(folder, 'one')
      writeFileSync(path, bytes)
      assert.deepEqual(checkAll([path]), [exit])
      const [found, sentence] = await verdictOf(path)
      assert.equal(found, verdict)
      assert.match(sentence, why)
    })
})
