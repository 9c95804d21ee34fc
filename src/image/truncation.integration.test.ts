import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { openSource } from './byte-source.ts'
import { makeCorpus, type Specimen } from './corpus.fixture.ts'
import { HeaderError, type ImageHeader, readHeader } from './header.ts'
import { checkTables } from './tables.ts'

const folder = mkdtempSync(join(tmpdir(), 'truncation-'))
after(() => rmSync(folder, { recursive: true }))
// All cuts take minutes: DR_DRILL_ALL=1.
const isAll = process.env['DR_DRILL_ALL'] !== undefined
const sample = /^(plain|subclusters in 64k|metadata|compressed by zlib|compressed, small clusters|overlay|snapshots)$/
const corpus = makeCorpus(folder).filter(({ name, isReadable }) => isReadable && (isAll || sample.test(name)))

/** The content that a restore would read; undefined if it fails. */
function contentOf(path: string): string | undefined {
  const raw = join(folder, 'raw')
  rmSync(raw, { force: true })
  const { status } = spawnSync('qemu-img', ['convert', '-f', 'qcow2', '-O', 'raw', path, raw])
  return status === 0 ? createHash('sha256').update(readFileSync(raw)).digest('hex') : undefined
}

async function verdictOf(path: string): Promise<string> {
  await using source = await openSource(path)
  try {
    return (await checkTables(source, await readHeader(source), source.fileBytes)).verdict
  } catch (error) {
    assert.ok(error instanceof HeaderError, String(error))
    return error.problem
  }
}

/** Lengths from longest to shortest: within the last cluster, around the ends of some clusters, down to nothing. */
function cuts(fileBytes: number, { clusterBytes, headerBytes }: ImageHeader): number[] {
  const clusters = Math.ceil(fileBytes / clusterBytes)
  const step = Math.max(1, Math.floor(clusters / (isAll ? 8 : 3)))
  const ends = Array.from({ length: Math.ceil(clusters / step) }, (_, index) => index * step * clusterBytes)
  const last = (clusters - 1) * clusterBytes
  const lengths = [
    ...[1, 511, 513, clusterBytes / 2, 40_000].map((bytes) => fileBytes - bytes),
    ...[last, last + 1, last + 8, last + 512],
    ...ends.flatMap((end) => [end, end + clusterBytes / 4]),
    ...[headerBytes, headerBytes - 1, 72, 10, 4, 3, 0],
  ]
  return [...new Set(lengths)].filter((length) => length >= 0 && length < fileBytes).sort((a, b) => b - a)
}

async function cutAndCompare({ name, path }: Specimen): Promise<Record<string, number>> {
  const copy = join(folder, `cut ${name}`)
  copyFileSync(path, copy)
  await using source = await openSource(path)
  const header = await readHeader(source)
  const whole = contentOf(path)
  assert.ok(whole !== undefined)
  const seen: Record<string, number> = {}
  for (const length of cuts(statSync(path).size, header)) {
    truncateSync(copy, length)
    const verdict = await verdictOf(copy)
    seen[verdict] = (seen[verdict] ?? 0) + 1
    const where = `${name} cut to ${length} of ${source.fileBytes}: ${verdict}`
    const isSame = contentOf(copy) === whole
    if (verdict === 'sound') assert.ok(isSame, `${where}, but its content is another one`)
    if (length < header.headerBytes) assert.match(verdict, /^(cut short|not qcow2)$/, where)
    const check = spawnSync('qemu-img', ['check', '-f', 'qcow2', copy])
    // 3: clusters without a reference.
    const isSeenByCheck = check.status !== 0 && check.status !== 3
    if (isSeenByCheck) assert.notEqual(verdict, 'sound', where)
    // Cut refcounts, snapshots or bitmaps are errors for QEMU, but the disk is complete.
    // (An incomplete list of bitmaps may keep QEMU from opening the image: `unknown` is settled by reading it.)
    if (isSeenByCheck && !isSame && header.bitmaps === undefined)
      assert.match(verdict, /^(truncated|cut short|not qcow2)$/, where)
    // QEMU reads zeroes for the missing part of an L1 table, and reports nothing.
    const isL1Cut = length < header.l1.offset + header.l1.entries * 8
    if (verdict === 'truncated') assert.ok(isSeenByCheck || !isSame || isL1Cut, `${where}, and QEMU misses nothing`)
    assert.notEqual(verdict, 'damaged', where)
  }
  rmSync(copy)
  return seen
}

for (const specimen of corpus) {
  test(`${specimen.name}: no cut that changes the content passes for sound`, async (t) => {
    const seen = await cutAndCompare(specimen)
    t.diagnostic(JSON.stringify(seen))
    assert.ok((seen['truncated'] ?? 0) > 0)
  })
}

test('an image cut within its last cluster is unknown, although QEMU reads it without an error', async () => {
  const path = join(folder, 'last')
  execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', path, '4M'])
  execFileSync('qemu-io', ['-c', 'write -q -P 1 0 4M', path])
  const whole = contentOf(path)
  truncateSync(path, statSync(path).size - 40_000)
  assert.equal(spawnSync('qemu-img', ['check', path]).status, 0)
  assert.notEqual(contentOf(path), whole)
  assert.equal(await verdictOf(path), 'unknown')
  truncateSync(path, 2 * 2 ** 20)
  assert.equal(await verdictOf(path), 'truncated')
})
