import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { appendFileSync, cpSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { type Assessed, assessTargets } from '../assess/assessment.fixture.ts'
import type { ReadContent } from '../assess/judge/content-port.ts'
import { contentReader } from '../content/read-content.ts'
import {
  comparable,
  merged,
  scratch,
  targetWithData,
  type Verified,
  verified as verifiedAnew,
} from './verify.fixture.ts'

const folder = scratch('shards')
const root = join(folder, 'target')
const shards = (count: number, name: string) =>
  Array.from({ length: count }, (_, index) => ({
    shard: { number: index + 1, count },
    path: join(folder, `${name}-${index + 1}-of-${count}`),
  }))

/** What one machine reads. */
let alone: Assessed

/** Returns what one machine has read. Only tests about reading read again. */
const knownContent: ReadContent = async (links) => {
  const digest = alone.images.find(({ path }) => path === links[0]?.file?.path)?.digest
  return digest === undefined ? { kind: 'unknown', why: 'not known' } : { kind: 'read', digest, readBytes: 1 }
}

const verified = (...[targets, options, ...more]: Parameters<typeof verifiedAnew>): Promise<Verified> =>
  verifiedAnew(targets, { readContent: knownContent, ...options }, ...more)

/** A reader that counts disks. */
function counting(reader = knownContent): { readonly read: string[]; readonly readContent: ReadContent } {
  const read: string[] = []
  return {
    read,
    readContent: (links, options) => {
      read.push(links[0]?.path ?? '')
      return reader(links, options)
    },
  }
}

before(async () => {
  await targetWithData(root)
  alone = await assessTargets([root], { depth: 'content', readContent: contentReader() })
})

describe('a verification in shards', () => {
  it('has the result of one machine, and reads each disk once', async () => {
    const { read, readContent } = counting(contentReader())
    const all = shards(3, 'equal')
    for (const { shard, path } of all) await verified([root], { shard, readContent }, path)
    assert.equal(read.length, 8)
    assert.equal(new Set(read).size, 8)
    const together = comparable(await merged(all.map(({ path }) => path)))
    assert.deepEqual(together, comparable(alone))
    assert.equal(together.summary.totals.content.compared, 8)
    // In any order, and without the target.
    renameSync(root, `${root}-away`)
    try {
      assert.deepEqual(comparable(await merged(all.map(({ path }) => path).toReversed())).images, together.images)
    } finally {
      renameSync(`${root}-away`, root)
    }
  })

  it('is unknown where a shard is missing, and names it', async () => {
    const [one, two, three] = shards(3, 'equal')
    assert.ok(one && two && three)
    const { summary, images } = await merged([one.path, three.path])
    assert.equal(summary.exitCode, 3)
    assert.match(summary.unseen.join(), /shard 2\/3 is missing/)
    assert.ok(images.length < 8)
    assert.equal(summary.totals.states.broken, 0)
    assert.equal(summary.totals.workloadStates.broken, 0)
    // A workload whose VMs are all in the missing shard has disks, although none was found.
    assert.ok(images.length > 0 && summary.workloads.length === 2)
    for (const row of summary.workloads) assert.notEqual(row.state, 'broken')
    const restorable = new Set(images.flatMap(({ state, path }) => (state === 'restorable' ? path : [])))
    const whole = await merged([one.path, two.path, three.path])
    for (const path of restorable)
      assert.ok(whole.images.some((image) => image.path === path && image.state === 'restorable'))
  })

  it('refuses a shard that is given twice, of another count, of a copy of the target, or of another target', async () => {
    const [one, two] = shards(3, 'equal')
    const [other] = shards(2, 'other-count')
    const [ofCopy] = shards(3, 'of-copy')
    const [, ofOther] = shards(3, 'of-other')
    assert.ok(one && two && other && ofCopy && ofOther)
    await verified([root], { shard: other.shard }, other.path)
    cpSync(root, join(folder, 'copy'), { recursive: true, preserveTimestamps: true })
    await verified([join(folder, 'copy')], { shard: { number: 2, count: 3 } }, ofCopy.path)
    await targetWithData(join(folder, 'elsewhere'), { seed: 'other', workloads: 1 })
    await verified([join(folder, 'elsewhere')], { shard: ofOther.shard }, ofOther.path)
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [[one.path, one.path], /are both shard 1\/3/],
      [[one.path, other.path], /are both shard|differ in shards/],
      [[one.path, ofCopy.path], /two copies: their folders have other inodes/],
      [[one.path, ofOther.path], /no workload in common/],
    ]
    for (const [paths, message] of cases) await assert.rejects(merged(paths), { code: 'bad-input', message })
  })
})

describe('a file of results', () => {
  it('keeps what was read when a verification is interrupted, and the next one goes on', async () => {
    const path = join(folder, 'interrupted')
    const stop = new AbortController()
    const { read, readContent } = counting()
    const stopping: ReadContent = async (links, options) => {
      const result = await readContent(links, options)
      if (read.length === 3) stop.abort(new Error('stopped'))
      return result
    }
    await assert.rejects(verified([root], { readContent: stopping, concurrency: 1 }, path, stop.signal), {
      message: 'stopped',
    })
    const partial = await merged([path])
    assert.equal(partial.summary.exitCode, 3)
    assert.match(partial.summary.unseen.join(), /interrupted was interrupted/)
    const before = read.length
    appendFileSync(path, '{"kind":"reading","key')
    const { summary } = await verified([root], { readContent }, path)
    assert.equal(summary.totals.content.compared, 8)
    assert.ok(read.length - before <= 6 && read.length - before >= 4, `${read.length - before} disks were read again`)
    assert.equal((await merged([path])).summary.exitCode, 0)
    assert.equal(readFileSync(path, 'utf8').match(/"kind":"begin"/g)?.length, 1)
  })

  it('counts for a merge only by what its last verification used', async () => {
    const path = join(folder, 'cut-again')
    await verified([root], {}, path)
    const whole = readFileSync(path, 'utf8')
    const begin = whole.slice(0, whole.indexOf('\n') + 1)
    const found = whole.split('\n').filter((line) => /^\{"kind":"(target|workload)"/.test(line))
    appendFileSync(path, `${begin}${found.join('\n')}\n`)
    const { summary, images } = await merged([path])
    assert.equal(summary.exitCode, 3)
    assert.ok(images.every(({ state }) => state === 'unknown'))
  })

  it('is not read again, until it is too old, or of another version', async () => {
    const path = join(folder, 'again')
    const { read, readContent } = counting()
    await verified([root], { readContent }, path)
    await verified([root], { readContent }, path)
    assert.equal(read.length, 8)
    await verified([root], { readContent, reverifyAfterMs: 0, nowMs: Date.now() + 1000 }, path)
    assert.equal(read.length, 16)
    await verified([root], { readContent, tool: '1.0.1' }, path)
    assert.equal(read.length, 24)
  })

  it('does not hide a file that was written since, although its time was set back', async () => {
    const changed = join(folder, 'changed')
    cpSync(root, changed, { recursive: true, preserveTimestamps: true })
    const path = join(folder, 'of-changed')
    const readContent = contentReader()
    const { images } = await verified([changed], { readContent }, path)
    const full = images.find(({ links }) => links === 1)
    const file = join(changed, full?.path ?? '')
    const time = execFileSync('stat', ['-c', '%y', file], { encoding: 'utf8' }).trim()
    const graph = { driver: 'qcow2', file: { driver: 'file', filename: file } }
    execFileSync('qemu-io', ['-c', 'write -q -P 7 1M 4096', `json:${JSON.stringify(graph)}`])
    execFileSync('touch', ['-d', time, file])
    const { summary } = await verified([changed], { readContent }, path)
    assert.equal(summary.findings[0]?.code, 'wrong-content')
    assert.equal(summary.exitCode, 1)
  })

  it('makes a disk unknown if two readings of the same files differ', async () => {
    const path = join(folder, 'differing')
    const { images } = await verified([root], {}, path)
    const [first] = images
    const lines = readFileSync(path, 'utf8').split('\n')
    const at = lines.findIndex((line) => line.includes('"kind":"reading"') && line.includes(first?.path ?? '?'))
    const other = lines[at]?.replace(/"digest":"[0-9a-f]{64}"/, `"digest":"${'0'.repeat(64)}"`) ?? ''
    writeFileSync(path, lines.toSpliced(at, 0, other).join('\n'))
    for (const { images: found, summary } of [await merged([path]), await verified([root], {}, path)]) {
      const verdict = found.find((image) => image.path === first?.path)
      assert.equal(verdict?.state, 'unknown')
      assert.match(verdict?.defect?.why ?? '', /two readings of the same files differ/)
      assert.equal(summary.exitCode, 3)
    }
  })

  it('of a copy of the target, or of another part of it, is refused', async () => {
    const path = join(folder, 'for-one')
    await verified([root], {}, path)
    cpSync(root, join(folder, 'second'), { recursive: true, preserveTimestamps: true })
    await assert.rejects(verified([join(folder, 'second')], {}, path), {
      code: 'bad-input',
      message: /holds results of another target than .*second: they have the same workloads, but are two copies/,
    })
    await assert.rejects(verified([root], { shard: { number: 1, count: 2 } }, path), {
      message: /holds results of one target, not results of shard 1\/2 of one target/,
    })
    await assert.rejects(verified([root], {}, join(root, 'results')), { message: /is in the target/ })
  })

  it('that is damaged is refused with its line', async () => {
    const path = join(folder, 'damaged')
    await verified([root], {}, path)
    const content = readFileSync(path, 'utf8')
    for (const [bad, message] of [
      ['', /:1: the file has no line/],
      ['hello\n', /:1: Unexpected token/],
      [content.replace('"version":1', '"version":2'), /:1: the results have version 2, not 1/],
      [content.slice(content.indexOf('\n') + 1), /:1: is not the first line of results/],
      [
        content.replace(/"kind":"read","digest":"./, '"kind":"read","digest":"x'),
        /:\d+: .*must be 64 hexadecimal digits/,
      ],
      [
        content.replace('"folder":"workload_', '"folder":"../../etc/workload_'),
        /:\d+: .*must be a path below a target/,
      ],
    ] as const) {
      writeFileSync(path, bad)
      await assert.rejects(merged([path]), { code: 'bad-input', message })
    }
  })
})

describe('a selection', () => {
  it('reads a part of the disks, and judges the rest by their tables', async () => {
    const newest = await verified([root], { selection: { seed: '', newest: 1 } })
    assert.equal(newest.summary.totals.content.read, 4)
    assert.equal(newest.summary.exitCode, 0)
    const parts = []
    for (const number of [1, 2, 3])
      parts.push(await verified([root], { selection: { seed: '', subset: { number, count: 3 } } }))
    assert.equal(
      parts.reduce((sum, { summary }) => sum + summary.totals.content.read, 0),
      8,
    )
    const path = join(folder, 'sample')
    const sample = await verified([root], { selection: { seed: 'a', sample: 0.4 } }, path)
    const { read } = sample.summary.totals.content
    assert.ok(read > 0 && read < 8, `${read} disks were read`)
    assert.deepEqual(comparable(await merged([path])), comparable(sample))
  })
})
