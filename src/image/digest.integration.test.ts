import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, openSync, rmSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { blockBytes } from './digest.ts'
import { digestFile } from './digest-file.ts'
import { digestSource } from './program.ts'

const folder = mkdtempSync(join(tmpdir(), 'digest-'))
after(() => rmSync(folder, { recursive: true }))

/** Bytes other than zero, the same ones for the same seed. */
function bytes(length: number, seed: string): Uint8Array {
  return Buffer.from(createHash('shake256', { outputLength: length }).update(seed).digest()).map((byte) => byte || 1)
}

/** Writes a sparse file with parts of its content at their offsets. */
function sparse(name: string, sizeBytes: number, parts: readonly [offset: number, content: Uint8Array][]): string {
  const path = join(folder, name)
  const file = openSync(path, 'w')
  for (const [offset, content] of parts) writeSync(file, content, 0, content.length, offset)
  truncateSync(path, sizeBytes)
  return path
}

const fixtures = [
  sparse('empty', 0, []),
  sparse('one byte', 1, [[0, bytes(1, 'a')]]),
  sparse('one zero', 1, []),
  sparse('one block', blockBytes, [[0, bytes(blockBytes, 'b')]]),
  sparse('short last block', blockBytes + 512, [[blockBytes, bytes(512, 'c')]]),
  sparse('all a hole', 10 * blockBytes + 512, []),
  sparse('all written zeroes', 3 * blockBytes, [[0, Buffer.alloc(3 * blockBytes)]]),
  // The same digest as with a hole at the end: written zeroes are no content.
  sparse('short last block of written zeroes', 2 * blockBytes + 4096, [
    [0, bytes(blockBytes, 'b')],
    [blockBytes, Buffer.alloc(blockBytes + 4096)],
  ]),
  sparse('data across blocks', 300 * blockBytes + 1, [
    [4096, bytes(4096, 'd')],
    [7 * blockBytes - 1, bytes(2, 'e')],
    [100 * blockBytes, bytes(70 * blockBytes, 'f')],
    [300 * blockBytes, bytes(1, 'g')],
  ]),
  sparse('data beside holes in one block', 4 * blockBytes, [
    [blockBytes, bytes(4096, 'h')],
    [blockBytes + 12_288, bytes(4096, 'i')],
  ]),
]

const digestByPython = (paths: readonly string[]) =>
  execFileSync('python3', ['-', ...paths], { input: digestSource, encoding: 'utf8' })

test('the two implementations of the digest agree', async () => {
  const lines = await Promise.all(fixtures.map(async (path) => `${await digestFile(path)} ${path}`))
  assert.deepEqual(digestByPython(fixtures).trimEnd().split('\n'), lines)
  assert.equal(new Set(lines.map((line) => line.slice(0, 64))).size, fixtures.length)
})

test('an unreadable path does not prevent the digests of the others', () => {
  const path = join(folder, 'fine')
  writeFileSync(path, 'fine')
  const { status, stdout, stderr } = spawnSync('python3', ['-', join(folder, 'missing'), path], {
    input: digestSource,
    encoding: 'utf8',
  })
  assert.equal(status, 1)
  assert.match(stdout, /^[\da-f]{64} \S+fine\n$/)
  assert.match(stderr, /missing: No such file or directory/)
})

/** Runs the program after a line that takes something away from its operating system. */
const digestWithout = (prelude: string, path: string) =>
  spawnSync('python3', ['-', path], { input: `import os\n${prelude}\n${digestSource}`, encoding: 'utf8' })

const withoutSeekData: readonly [title: string, prelude: string][] = [
  // The kernel answers EINVAL, as for a file system that does not know of holes.
  ['a kernel that cannot seek to data', 'os.SEEK_DATA = 99'],
  [
    'reads that return less than was asked for',
    'whole = os.pread\nos.pread = lambda fd, length, offset: whole(fd, min(length, 1000), offset)',
  ],
]
for (const [title, prelude] of withoutSeekData)
  test(`the digest is the same with ${title}`, async () => {
    for (const path of fixtures) {
      const { status, stdout, stderr } = digestWithout(prelude, path)
      assert.equal(status, 0, stderr)
      assert.equal(stdout, `${await digestFile(path)} ${path}\n`)
    }
  })

test('a file that becomes shorter while it is read has no digest', () => {
  const path = sparse('shrinks', 3 * blockBytes, [[0, bytes(3 * blockBytes, 'j')]])
  const { status, stdout, stderr } = digestWithout(
    `whole = os.pread\ndef pread(fd, length, offset):\n  os.truncate("${path}", 100)\n  return whole(fd, length, offset)\nos.pread = pread`,
    path,
  )
  assert.equal(status, 1)
  assert.equal(stdout, '')
  assert.match(stderr, /shrinks: .*/)
})

test('zeroes at the end make no difference, whether they are written or a hole', async () => {
  const parts: [number, Uint8Array][] = [[0, bytes(blockBytes, 'b')]]
  const hole = sparse('hole at the end', 2 * blockBytes + 4096, parts)
  const written = fixtures.find((path) => path.endsWith('short last block of written zeroes')) ?? assert.fail()
  assert.equal(await digestFile(written), await digestFile(hole))
  assert.equal(digestByPython([written]).slice(0, 64), await digestFile(hole))
})
