import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { Semaphore } from '../../concurrency/semaphore.ts'
import { FarTree } from './far-tree.ts'
import type { FoundSnapshot, ScanDepth } from './found.ts'
import { readSnapshot } from './read-snapshot.ts'
import { readRoot, readWorkload } from './read-workload.ts'
import { HeldRoute, Route } from './route.ts'
import { makeTarget, scratchFolder } from './scan.fixture.ts'
import { NearTree, type TargetTree, type Watch } from './target-tree.ts'

const folder = scratchFolder('far')
const target = join(folder, 'target')
const inTarget = (...names: readonly string[]) => join(target, ...names)
let workload = ''

before(async () => {
  await makeTarget(target, { workloads: 2, vms: 2, disks: 2, snapshots: 3, networks: true })
  workload = readdirSync(target).find((name) => /^workload_.{36}$/.test(name)) ?? ''
})

const openFiles = () => readdirSync('/proc/self/fd').length

interface Looked {
  readonly root: unknown
  readonly workload: unknown
  readonly snapshots: readonly FoundSnapshot[]
}

/** Reads with a tree of its own each, as a thread does. */
async function lookAt(
  depth: ScanDepth,
  read: <Found>(look: (tree: TargetTree) => Found | Promise<Found>) => Promise<Found>,
): Promise<Looked> {
  const root = await read(readRoot)
  const found = await read((tree) => readWorkload(tree, workload))
  const look = (id: string) => read((tree) => readSnapshot(tree, `${workload}/snapshot_${id}`, id, { depth }))
  return { root, workload: found, snapshots: await Promise.all(found.snapshotIds.toSorted().map(look)) }
}

const near = (depth: ScanDepth) => lookAt(depth, async (look) => look(new NearTree(new Route(target))))

async function far(depth: ScanDepth, slots = 4, watch: Partial<Watch> = {}): Promise<Looked> {
  const shared = new Semaphore(slots)
  return lookAt(depth, async (look) => {
    const route = new HeldRoute(target)
    try {
      return await new FarTree(route, watch, shared).whole(look)
    } finally {
      route.leave()
    }
  })
}

test('a tree with slow answers finds the same as one with fast answers, and leaves no file open', async () => {
  const snapshots = readdirSync(inTarget(workload)).filter((name) => name.startsWith('snapshot_'))
  const [first = '', second = '', third = ''] = snapshots.map((name) => join(workload, name))
  const disk = (snapshot: string) => {
    const [vm = ''] = readdirSync(inTarget(snapshot)).filter((name) => name.startsWith('vm_id_'))
    return join(snapshot, vm, readdirSync(inTarget(snapshot, vm))[0] ?? '')
  }
  const image = readdirSync(inTarget(disk(third))).find((name) => name !== 'disk_db') ?? ''
  // Longer than what is read at once of a header, and of a record the first and the second time.
  const bytes = Buffer.concat([readFileSync(inTarget(disk(third), image)), Buffer.alloc(16_384)])
  const name = bytes.subarray(
    Number(bytes.readBigUInt64BE(8)),
    Number(bytes.readBigUInt64BE(8)) + bytes.readUInt32BE(16),
  )
  name.copy(bytes, 8192)
  bytes.writeBigUInt64BE(8192n, 8)
  writeFileSync(inTarget(disk(third), 'long-header'), bytes)
  writeFileSync(inTarget(first, 'resources_db'), JSON.stringify(Array(50_000).fill({ id: 'x' })))
  writeFileSync(inTarget(second, 'resources_db'), `[${' '.repeat(5000)}7]`)
  truncateSync(inTarget(first, 'snapshot_db'), 5)
  truncateSync(inTarget(disk(first), 'disk_db'), 9 * 2 ** 20)
  truncateSync(
    inTarget(disk(second), readdirSync(inTarget(disk(second))).find((one) => one !== 'disk_db') ?? ''),
    70_000,
  )
  symlinkSync('/etc/hostname', inTarget(disk(second), 'link'))
  symlinkSync('/etc', inTarget(workload, 'link'))
  execFileSync('mkfifo', [inTarget(disk(third), 'fifo')])
  rmSync(inTarget(third, 'snapshot_vms_db'))
  mkdirSync(inTarget(third, 'vm_id_a', 'not a disk', 'deep'), { recursive: true })
  mkdirSync(inTarget(first, 'network', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'), { recursive: true })
  const open = openFiles()
  for (const depth of ['headers', 'tables'] as const) {
    const expected = await near(depth)
    assert.deepEqual(await far(depth), expected)
    const images = expected.snapshots.flatMap(({ disks }) => disks.flatMap((one) => one.images))
    assert.equal(images.length, 13)
    assert.equal(images.find((one) => one.name === 'long-header')?.header?.backing, name.toString())
  }
  assert.equal(openFiles(), open)
})

test('a tree with slow answers has as many requests under way as allowed, and ends each', async () => {
  const counts = { now: 0, most: 0, all: 0 }
  const beat = (isAsking: boolean) => {
    counts.now += isAsking ? 1 : -1
    if (isAsking) counts.all++
    counts.most = Math.max(counts.most, counts.now)
  }
  await far('tables', 3, { beat })
  assert.deepEqual([counts.now, counts.most], [0, 3])
  assert.ok(counts.all > 100)
})

test('a vanished file is reported by its path in the target', async () => {
  const gone = inTarget(workload)
  let isGone = false
  const beat = () => {
    if (!isGone) renameSync(gone, `${gone}.kept`)
    isGone = true
  }
  const route = new HeldRoute(target)
  const tree = new FarTree(route, { beat }, new Semaphore(2))
  const { part } = await tree.whole(() => readWorkload(tree, workload))
  assert.equal(part.unread, `ENOENT: no such file or directory, open '${gone}'`)
  await assert.rejects(
    tree.whole(() => tree.list('none')),
    { message: /open '.*target\/none'$/ },
  )
  route.leave()
  renameSync(`${gone}.kept`, gone)
})
