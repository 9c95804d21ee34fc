import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { before, beforeEach, describe, it } from 'node:test'
import { openContentReader } from '../content/open-reader.ts'
import { createTarget } from '../generate/create.ts'
import { readShape } from '../generate/read-shape.ts'
import { LocalShell } from '../shell/local.ts'
import { assessTargets, scratch } from './assessment.fixture.ts'
import type { Depth } from './judge/past-image.ts'
import { PastFile } from './past/past-file.ts'
import type { SiteDescription } from './site/site-description.ts'

const site: SiteDescription = { base: '/var/triliovault-mounts', rule: 'share', shares: ['10.10.2.20:/upstream'] }
const day = 86_400_000
const firstDay = Date.parse('2026-11-01T12:00:00Z')

describe('an assessment with a record of earlier ones', () => {
  const folder = scratch('record')
  const original = join(folder, 'original')
  const target = join(folder, 'target')
  const record = join(folder, 'record.ndjson')
  /** The images of one disk, the full one first. */
  let chain: readonly string[] = []

  before(async () => {
    const shape = readShape(undefined, { workloads: 2, vms: 1, disks: 1, snapshots: 3, diskSize: '1GiB' })
    await createTarget({ directory: original, shape, dataBy: new LocalShell() })
    // The product records no digests.
    for (const name of readdirSync(original, { recursive: true, encoding: 'utf8' }))
      if (name.endsWith('disk_db')) {
        const path = join(original, name)
        writeFileSync(path, readFileSync(path, 'utf8').replaceAll('content_digest', 'no_digest'))
      }
    const { images } = await assessTargets([original], { site })
    const [first] = images
    chain = images
      .filter(({ workloadId }) => workloadId === first?.workloadId)
      .toSorted((a, b) => a.links - b.links)
      .map(({ path }) => path)
    assert.equal(chain.length, 3)
  })

  beforeEach(() => {
    rmSync(record, { force: true })
    rmSync(target, { recursive: true, force: true })
    cpSync(original, target, { recursive: true, preserveTimestamps: true })
  })

  /** Assesses the target, on the next day each time, and saves the record. */
  let today = firstDay
  async function assessed(depth: Depth, root = target, more: Parameters<typeof assessTargets>[1] = {}) {
    today += day
    await using file = await PastFile.open(record)
    const readContent = depth === 'content' ? { readContent: await openContentReader() } : {}
    const past = { file, tool: 'test' }
    const result = await assessTargets([root], { site, depth, past, nowMs: today, ...readContent, ...more })
    await file.save()
    return result
  }

  /** The states of the disks of the chain with their defects, from the oldest snapshot on. */
  const statesOf = ({ images }: Awaited<ReturnType<typeof assessed>>) =>
    chain.map((path) => {
      const image = images.find((one) => one.path === path)
      return [image?.state, image?.defect?.code].filter((part) => part !== undefined).join(' ')
    })
  const date = (daysAgo: number): string => new Date(today - daysAgo * day).toISOString()
  const moment = (daysAgo: number): string => `${date(daysAgo).slice(0, 10)} 12:00 UTC`
  const at = (path: string | undefined): string => join(target, path ?? '?')

  /** Changes a byte of data, and keeps the time of the file. */
  function flip(path: string): void {
    const { atimeMs, mtimeMs } = statSync(path)
    const bytes = readFileSync(path)
    const l1 = Number(bytes.readBigUInt64BE(40))
    const mask = 0x00ff_ffff_ffff_fe00n
    const entries = (offset: number, count: number) =>
      Array.from({ length: count }, (_, nth) => Number(bytes.readBigUInt64BE(offset + nth * 8) & mask)).filter(
        (entry) => entry !== 0,
      )
    const [l2 = 0] = entries(l1, bytes.readUInt32BE(36))
    const [data = 0] = entries(l2, 8192)
    bytes.writeUInt8(bytes.readUInt8(data) ^ 1, data)
    writeFileSync(path, bytes)
    utimesSync(path, atimeMs / 1000, mtimeMs / 1000)
  }

  const sound = ['restorable', 'restorable', 'restorable']
  const changed = Array(3).fill('broken content-changed')

  it('reports nothing as changed on a target that is the same', async () => {
    const first = await assessed('content')
    assert.deepEqual(statesOf(first), sound)
    assert.deepEqual(first.summary.record, { path: record, known: 0, compared: 0, changed: 0, added: 6, carried: 0 })
    assert.match(first.text, /; 6\n {2}disks have no digest to compare it with\./)
    const second = await assessed('content')
    assert.deepEqual(statesOf(second), sound)
    assert.deepEqual(second.summary.record, { path: record, known: 6, compared: 6, changed: 0, added: 0, carried: 0 })
    assert.match(second.text, /and their content has the\s+digest\s+that\s+it\s+had\s+before\./)
    assert.deepEqual(second.images[0]?.readBefore, {
      date: date(1),
      digest: second.images[0]?.digest,
      isSameFiles: true,
    })
    const lines = readFileSync(record, 'utf8')
    const third = await assessed('headers')
    assert.equal(third.summary.exitCode, 0)
    assert.equal(readFileSync(record, 'utf8'), lines, 'headers add nothing')
  })

  it('reports a byte that changed without a trace, and no lighter depth clears that', async () => {
    await assessed('content')
    flip(at(chain[0]))
    assert.deepEqual(statesOf(await assessed('tables')), sound, 'only the content shows it')
    const content = await assessed('content')
    assert.deepEqual(statesOf(content), changed)
    assert.equal(content.summary.exitCode, 1)
    const [example] = content.summary.findings.find(({ code }) => code === 'content-changed')?.examples ?? []
    assert.ok(example?.message.startsWith(`changed since ${moment(2)}: its content has the digest `))
    assert.match(example?.message ?? '', /; length, time and beginning of its files are the same as then$/)
    for (const depth of ['headers', 'tables', 'headers'] as const) {
      const lighter = await assessed(depth)
      assert.deepEqual(statesOf(lighter), changed)
      assert.equal(lighter.summary.exitCode, 1)
      const image = lighter.images.find(({ path }) => path === chain[0])
      assert.equal(image?.depth, 'content')
      assert.match(image?.date ?? '', /T12:00:00/)
      assert.notEqual(image?.date, date(0))
      assert.match(lighter.text, /3 earlier findings are not cleared/)
    }
    assert.deepEqual(statesOf(await assessed('content')), changed, 'what it differs from is kept')
  })

  it('is unknown at a lighter depth once the file has changed, and restorable once its content is right again', async () => {
    await assessed('content')
    flip(at(chain[0]))
    await assessed('content')
    cpSync(join(original, chain[0] ?? ''), at(chain[0]))
    const lighter = await assessed('headers')
    assert.deepEqual(statesOf(lighter), Array(3).fill('unknown assess-again'))
    assert.equal(lighter.summary.exitCode, 3)
    assert.deepEqual(statesOf(await assessed('content')), sound)
    assert.deepEqual(statesOf(await assessed('headers')), sound)
  })

  it('does not take the work of retention for a change', async () => {
    await assessed('content')
    // As the product does it: the oldest kept image is committed into the full one, which then gets its place.
    const [full = '', kept = '', next = ''] = chain
    const open = (path: string) => ['-u', '-f', 'qcow2', '-F', 'qcow2', '-b', path]
    execFileSync('qemu-img', ['rebase', ...open(at(full)), at(kept)])
    execFileSync('qemu-img', ['commit', '-q', '-f', 'qcow2', at(kept)])
    renameSync(at(full), at(kept))
    rmSync(dirname(dirname(dirname(at(full)))), { recursive: true })
    const record = join(dirname(at(kept)), 'disk_db')
    writeFileSync(
      record,
      readFileSync(record, 'utf8').replaceAll(/"vm_disk_resource_snap_backing_id": ?"[^"]*"/g, '"x": 1'),
    )
    const content = await assessed('content')
    const stateOf = (path: string) => content.images.find((one) => one.path === path)
    for (const path of [kept, next]) {
      assert.notEqual(stateOf(path)?.digest, undefined, stateOf(path)?.defect?.why)
      assert.equal(stateOf(path)?.digest, stateOf(path)?.readBefore?.digest)
      assert.notEqual(stateOf(path)?.state, 'broken')
      assert.equal(stateOf(path)?.readBefore?.isSameFiles, false)
    }
    const codes = (result: typeof content) => result.summary.findings.map(({ code }) => code)
    assert.ok(codes(content).includes('snapshot-removed'))
    assert.equal(content.summary.record?.changed, 0)
    assert.ok(!codes(await assessed('headers')).includes('snapshot-removed'), 'it is reported once')
  })

  it('reports a disk that is gone from its snapshot as broken, and a snapshot that is gone as a note', async () => {
    await assessed('content')
    const newest = at(chain[2])
    rmSync(dirname(dirname(newest)), { recursive: true })
    const resources = join(dirname(dirname(dirname(newest))), 'resources_db')
    writeFileSync(resources, '[]')
    const gone = await assessed('headers')
    assert.deepEqual(statesOf(gone)[2], 'broken disk-removed')
    assert.equal(gone.summary.exitCode, 1)
    assert.deepEqual(statesOf(await assessed('tables'))[2], 'broken disk-removed')
    rmSync(dirname(resources), { recursive: true })
    const without = await assessed('headers')
    assert.equal(without.summary.exitCode, 0)
    const [example] = without.summary.findings.find(({ code }) => code === 'snapshot-removed')?.examples ?? []
    assert.equal(example?.message, `removed since ${moment(3)}, when its content was read`)
  })

  it('dates the content of a recorded image that is missing', async () => {
    await assessed('content')
    rmSync(at(chain[2]))
    const image = (await assessed('headers')).images.find(({ path }) => path === chain[2])
    assert.equal(image?.defect?.why, `recorded in disk_db, but missing; its content was read on ${moment(1)}`)
  })

  it('reports a workload that is gone, unless something else was selected', async () => {
    await assessed('content')
    const [workload = ''] = (chain[0] ?? '').split('/')
    rmSync(join(target, workload), { recursive: true })
    const codes = async (more: Parameters<typeof assessTargets>[1] = {}) =>
      (await assessed('headers', target, more)).summary.findings.map(({ code }) => code)
    assert.ok((await codes()).includes('workload-removed'))
    assert.ok((await codes()).includes('workload-removed'), 'for as long as it is in the record')
    assert.ok(!(await codes({ project: 'another' })).includes('workload-removed'))
  })

  it('compares a replica at another path', async () => {
    await assessed('content')
    const replica = join(folder, 'replica')
    cpSync(target, replica, { recursive: true })
    try {
      const same = await assessed('content', replica)
      assert.deepEqual(statesOf(same), sound)
      assert.equal(same.summary.record?.compared, 6)
      flip(join(replica, chain[0] ?? ''))
      assert.deepEqual(statesOf(await assessed('content', replica)), changed)
      assert.deepEqual(statesOf(await assessed('headers')), sound, 'the other copy is sound')
      assert.deepEqual(statesOf(await assessed('headers', replica)), changed)
    } finally {
      rmSync(replica, { recursive: true })
    }
  })

  it('keeps what tables show from headers', async () => {
    const bytes = readFileSync(at(chain[1]))
    const l1 = Number(bytes.readBigUInt64BE(40))
    writeFileSync(at(chain[1]), bytes.fill(0, l1, l1 + 8 * bytes.readUInt32BE(36)))
    const tables = await assessed('tables')
    assert.deepEqual(statesOf(tables), ['restorable', 'unknown table-errors', 'unknown table-errors'])
    assert.deepEqual(statesOf(await assessed('headers')), statesOf(tables))
  })

  it('does not let a snapshot that was taken since pass through a damaged image', async () => {
    const newest = dirname(dirname(dirname(at(chain[2]))))
    mkdirSync(join(folder, 'later'), { recursive: true })
    const aside = join(folder, 'later', 'snapshot')
    renameSync(newest, aside)
    const bytes = readFileSync(at(chain[1]))
    const l1 = Number(bytes.readBigUInt64BE(40))
    writeFileSync(at(chain[1]), bytes.fill(0, l1, l1 + 8 * bytes.readUInt32BE(36)))
    await assessed('tables')
    renameSync(aside, newest)
    assert.deepEqual(statesOf(await assessed('headers'))[2], 'unknown table-errors')
  })

  it('keeps what was read when it is interrupted', async () => {
    const interrupted = new AbortController()
    await using file = await PastFile.open(record)
    const read = await openContentReader()
    let count = 0
    const request = {
      site,
      depth: 'content',
      past: { file, tool: 'test' },
      concurrency: 1,
      readContent: async (...given: Parameters<typeof read>) => {
        if (++count > 3) interrupted.abort(new Error('interrupted'))
        given[1].signal.throwIfAborted()
        interrupted.signal.throwIfAborted()
        return read(...given)
      },
    } as const
    await assert.rejects(assessTargets([target], request), { message: 'interrupted' })
    await file.save()
    assert.equal(readFileSync(record, 'utf8').split('\n').length, 1 + 3 + 1)
  })

  it('does not write in a target', async () => {
    await using file = await PastFile.open(join(target, 'record'))
    await assert.rejects(assessTargets([target], { site, past: { file, tool: 'test' } }), {
      code: 'bad-input',
      message: `--record: ${join(target, 'record')} is in the target ${target}`,
    })
  })
})
