import assert from 'node:assert/strict'
import { existsSync, globSync, linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, beforeEach, test } from 'node:test'
import { assess } from '../assess.ts'
import { assessTargets } from '../assessment.fixture.ts'
import { Reader } from './reader.ts'
import type { ReaderLine, ScanRequest } from './reader-protocol.ts'
import { collect, disksOf, imagesOf, makeTarget, oddities, problems, scratchFolder } from './scan.fixture.ts'
import { noSilence, silence, slowOpens } from './silence.fixture.ts'

// Creating very many files takes a minute on a disk.
const memory = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'oversize-'))
after(() => rmSync(memory, { recursive: true, force: true }))
const folder = scratchFolder('oversize')
let nth = 0
let target: string

beforeEach(async () => {
  target = join(nth % 2 === 0 ? memory : folder, `target-${nth++}`)
  await makeTarget(target, { workloads: 5, vms: 1, disks: 1, snapshots: 2 })
})

/** Creates files of no bytes with names of this length. */
function fill(path: string, count: number, nameLength: number): void {
  let first = ''
  for (let at = 0; at < count; at++) {
    const file = join(path, `${at}`.padStart(nameLength, 'x'))
    // A file has at most 65,000 names.
    if (at % 60_000 === 0) {
      writeFileSync(file, '')
      first = file
    } else linkSync(first, file)
  }
}

test('200,000 files in the folder of a disk cost no other restore, and not this one', async () => {
  const before = await assessTargets([target])
  const [disk] = disksOf(await collect([target]))
  assert.ok(disk)
  fill(join(target, disk.folder), 200_000, 12)
  const found = await collect([target])
  assert.deepEqual(
    oddities(found).map(({ kind, path, message }) => ({ kind, path, message })),
    [{ kind: 'unexpected', path: disk.folder, message: '200002 entries, of which 1000 were read' }],
  )
  const { summary } = await assessTargets([target])
  assert.deepEqual(summary.totals.states, before.summary.totals.states)
  assert.equal(summary.exitCode, 0)
})

test('records that would take too much memory are unreadable records, and cost no other workload', async () => {
  const whole = await collect([target])
  const [one, other] = disksOf(whole)
  assert.ok(one && other)
  writeFileSync(join(target, one.folder, 'disk_db'), '['.repeat(2_000_000))
  const [workload = '', snapshot = ''] = other.folder.split('/')
  const resources = join(workload, snapshot, 'resources_db')
  writeFileSync(join(target, resources), `[${Array(1_000_000).fill('{}').join()}]`)
  const found = await collect([target])
  assert.deepEqual(Object.fromEntries(problems(found).map(({ file, message }) => [file, message])), {
    [`${one.folder}/disk_db`]: 'nested more than 100 levels deep',
    [resources]: 'more than 250000 values',
  })
  assert.deepEqual(imagesOf(found), imagesOf(whole))
  const { summary } = await assessTargets([target])
  assert.equal(summary.totals.workloads, 5)
  assert.equal(summary.exitCode, 3)
})

test('very many folders beside the disks of a snapshot are read up to a limit', async () => {
  const whole = await collect([target])
  const [snapshot = ''] = disksOf(whole).map((disk) => disk.folder.split('/').slice(0, 2).join('/'))
  for (let at = 0; at < 10_200; at++) mkdirSync(join(target, snapshot, 'network', `a-${at}`), { recursive: true })
  const found = await collect([target])
  const [first, ...others] = oddities(found).map(({ message }) => message)
  assert.equal(first, '10200 entries, of which 10000 were read')
  // The folder around them is one as well.
  assert.deepEqual(others, ['one of too many folders, and not read'])
  assert.deepEqual(imagesOf(found), imagesOf(whole))
})

/** All lines of a reader whose threads have little memory, in a fixed order. */
async function linesOf(request: Partial<ScanRequest>): Promise<readonly ReaderLine[]> {
  let text = ''
  const write = (lines: Uint8Array | string) => {
    text += typeof lines === 'string' ? lines : Buffer.from(lines).toString()
    return true
  }
  const whole: ScanRequest = { targets: [target], depth: 'headers', concurrency: 2, answerWithinMs: 60_000, ...request }
  await new Reader(whole, write, 24).run()
  return text
    .trimEnd()
    .split('\n')
    .toSorted()
    .map((line) => JSON.parse(line) as ReaderLine)
    .filter(({ kind }) => kind !== 'beat')
}

for (const [how, skip, concurrency] of [
  ['one task after another', false, 2],
  ['many tasks at once', noSilence(), 16],
] as const)
  test(`a task that a thread dies of costs that task only: ${how}`, { skip }, async () => {
    const before = await linesOf({})
    const { disks } = before.flatMap((line) => (line.kind === 'snapshot' ? line.found : []))[6] ?? { disks: [] }
    const [disk] = disks
    assert.ok(disk)
    fill(join(target, disk.folder), 60_000, 250)
    const places = disksOf(await collect([target])).flatMap((one) => {
      const parts = one.folder.split('/')
      return parts.map((_, at) => join(target, ...parts.slice(0, at + 1)))
    })
    using _slow = concurrency > 2 ? await slowOpens(300, [...new Set(places)]) : undefined
    const after = await linesOf({ concurrency })
    const changed = after.filter((line) => !before.some((one) => JSON.stringify(one) === JSON.stringify(line)))
    assert.equal(after.length, before.length)
    assert.deepEqual(
      changed.map((line) => (line.kind === 'snapshot' ? [line.found.snapshotId, line.found.unread] : line)),
      [[disk.folder.split('/snapshot_')[1]?.slice(0, 36), 'reading it takes too much memory']],
    )
  })

test('a reader that is killed costs what it had not read', { skip: noSilence() }, async () => {
  const last = disksOf(await collect([target])).at(-1)
  assert.ok(last)
  using _waits = await silence(join(target, last.folder))
  const summary = await assess(
    {
      targets: [target],
      depth: 'headers',
      concurrency: 2,
      answerWithinMs: 60_000,
      nowMs: 0,
      failOn: ['broken'],
    },
    {
      onImage: async () => {
        for (const child of childrenOfThis()) process.kill(child, 'SIGKILL')
      },
    },
    new AbortController().signal,
  )
  assert.equal(summary.exitCode, 3)
  assert.deepEqual(summary.unseen, [`${target}: the process that reads the targets has exited, or does not answer`])
  assert.ok(summary.totals.workloads >= 1)
})

function childrenOfThis(): readonly number[] {
  const stats = globSync('/proc/[0-9]*/stat').flatMap((path) => {
    try {
      return readFileSync(path, 'utf8')
    } catch {
      // It has ended meanwhile.
      return []
    }
  })
  return stats.flatMap((stat) => {
    const [, pid, parent] = /^(\d+) \(.*\) \S (\d+)/s.exec(stat) ?? []
    return Number(parent) === process.pid ? Number(pid) : []
  })
}
