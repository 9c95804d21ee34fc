import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { beforeEach, test } from 'node:test'
import type { FoundDisk } from './found.ts'
import { readSnapshot } from './read-snapshot.ts'
import { readRoot, readWorkload } from './read-workload.ts'
import { Route } from './route.ts'
import {
  type Collected,
  collect,
  disksOf,
  imagesOf,
  makeTarget,
  oddities,
  partsOf,
  problems,
  scratchFolder,
  snapshotsOf,
} from './scan.fixture.ts'
import { NearTree } from './target-tree.ts'

const folder = scratchFolder('odd')
const isRoot = process.getuid?.() === 0
let nth = 0
let target: string
let whole: Collected
/** The images of the first disk. */
let disk: FoundDisk
let workload: string
let snapshot: string

beforeEach(async () => {
  target = join(folder, `target-${nth++}`)
  await makeTarget(target, { workloads: 1, vms: 1, disks: 2, snapshots: 2 })
  whole = await collect([target])
  disk = disksOf(whole)[0]!
  ;[workload = '', snapshot = ''] = disk.folder.split('/')
  snapshot = `${workload}/${snapshot}`
})

const inTarget = (...path: string[]): string => join(target, ...path)

/** The oddities by their paths. */
const oddAt = (found: Collected) => Object.fromEntries(oddities(found).map((one) => [one.path, one]))

test('symbolic links are reported and not followed, wherever they are and lead', async () => {
  const [image] = disk.images
  const secret = join(folder, 'secret')
  writeFileSync(secret, 'of somebody else')
  const outside = join(folder, 'outside')
  await makeTarget(outside, { workloads: 1, seed: 'other' })
  const [elsewhere = ''] = readdirSync(outside).filter((name) => name.startsWith('workload_') && name.length > 30)
  const links: Record<string, string> = {
    [elsewhere]: join(outside, elsewhere),
    [`${workload}/snapshot_linked`]: join(outside, elsewhere),
    [`${snapshot}/vm_id_linked`]: inTarget(snapshot),
    [`${snapshot}/link`]: '/',
    [`${disk.folder}/linked`]: secret,
    [`${disk.folder}/loop`]: 'loop',
    [`${disk.folder}/linked\nimage`]: inTarget(disk.folder, image!.name),
    [`${workload}/workload_vms_db.link`]: '../../../../../../etc/hostname',
  }
  for (const [path, to] of Object.entries(links)) symlinkSync(to, inTarget(path))
  rmSync(inTarget(snapshot, 'snapshot_db'))
  symlinkSync(secret, inTarget(snapshot, 'snapshot_db'))
  const found = await collect([target])
  const odd = oddAt(found)
  for (const [path, to] of Object.entries(links))
    assert.deepEqual(odd[path], { kind: 'symbolic-link', path, message: `leads to ${to}` })
  assert.equal(odd[`${snapshot}/snapshot_db`]?.kind, 'symbolic-link')
  assert.equal(oddities(found).length, Object.keys(links).length + 1)
  assert.deepEqual(imagesOf(found), imagesOf(whole))
  assert.equal(found.workloads.length, 1)
})

test('the path of a target may be a symbolic link', async () => {
  symlinkSync(target, join(folder, 'given'))
  assert.deepEqual((await collect([join(folder, 'given')])).workloads, whole.workloads)
})

test('FIFOs, sockets and devices are reported, whatever their names, and are not waited for', async () => {
  const places = ['workload_1', `${workload}/workload_2`, `${snapshot}/vm_id_3`, `${disk.folder}/4`]
  for (const path of places) execFileSync('mkfifo', [inTarget(path)])
  rmSync(inTarget(disk.folder, 'disk_db'))
  execFileSync('mkfifo', [inTarget(disk.folder, 'disk_db')])
  const server = createServer().listen(inTarget('workload_s'))
  await new Promise((resolve) => server.once('listening', resolve))
  if (isRoot) execFileSync('mknod', [inTarget(disk.folder, 'zero'), 'c', '1', '5'])
  const found = await collect([target]).finally(() => server.close())
  const odd = oddAt(found)
  for (const path of [...places, `${disk.folder}/disk_db`])
    assert.deepEqual(odd[path], { kind: 'not-a-file', path, message: 'a FIFO' })
  assert.equal(odd['workload_s']?.message, 'a socket')
  if (isRoot) assert.equal(odd[`${disk.folder}/zero`]?.message, 'a device')
  assert.deepEqual(imagesOf(found), imagesOf(whole))
})

test('a file that becomes a FIFO or a link after its folder was listed is not opened', async () => {
  const path = `${disk.folder}/${disk.images[0]!.name}`
  for (const make of [
    () => execFileSync('mkfifo', [inTarget(path)]),
    () => symlinkSync('/etc/hostname', inTarget(path)),
  ]) {
    let requests = 0
    const beat = (isAsking: boolean) => {
      if (!isAsking || ++requests !== 1) return
      rmSync(inTarget(path))
      make()
    }
    const tree = new NearTree(new Route(target), { beat })
    assert.throws(() => tree.withFile(path, () => assert.fail('it was opened')), /not a regular file|ELOOP/)
  }
})

test('broken records are reported with file and position, and do not hide the images', async () => {
  const broken: Record<string, string> = {
    [`${workload}/workload_db`]: '{"id": "1",\n  "display_name": "x",,}',
    [`${snapshot}/snapshot_db`]: '',
    [`${snapshot}/snapshot_vms_db`]: '{"not": "a list"}',
    [`${snapshot}/resources_db`]: '[{"id": 7}]',
    [`${disk.folder}/disk_db`]: `${'['.repeat(100_000)}`,
  }
  for (const [path, text] of Object.entries(broken)) writeFileSync(inTarget(path), text)
  const found = await collect([target])
  const byFile = Object.fromEntries(problems(found).map((problem) => [problem.file, problem]))
  assert.deepEqual(Object.keys(byFile).sort(), Object.keys(broken).sort())
  const { line, column } = byFile[`${workload}/workload_db`]!
  assert.deepEqual([line, column], [2, 23])
  assert.deepEqual(imagesOf(found), imagesOf(whole))
  assert.equal(partsOf(found)[0]?.record, undefined)
})

test('an overlong record is not read, and one full of errors does not fill the report', async () => {
  const path = `${disk.folder}/disk_db`
  truncateSync(inTarget(path), 9 * 2 ** 20)
  writeFileSync(inTarget(snapshot, 'resources_db'), JSON.stringify(Array(50_000).fill(1)))
  const found = await collect([target])
  assert.match(problems(found).find(({ file }) => file === path)?.message ?? '', /too long for a record/)
  assert.ok(problems(found).length < 30)
})

test('a file that is not an image is one with a problem: empty, cut short, another format, a later version', async () => {
  const [{ name } = { name: '' }] = disk.images
  const image = readFileSync(inTarget(disk.folder, name))
  const later = Buffer.from(image)
  later.writeUInt32BE(4, 4)
  const beyond = Buffer.from(image)
  beyond.writeBigUInt64BE(2n ** 40n, 40)
  const cases = { empty: Buffer.alloc(0), cut: image.subarray(0, 50), text: Buffer.from('no image\n'), later, beyond }
  for (const [file, bytes] of Object.entries(cases)) writeFileSync(inTarget(disk.folder, file), bytes)
  const images = new Map(imagesOf(await collect([target])).map((one) => [one.name, one]))
  assert.deepEqual(
    Object.keys(cases).map((file) => images.get(file)?.problem?.kind),
    ['truncated', 'truncated', 'not-qcow2', 'unsupported', 'truncated'],
  )
  assert.equal(images.get(name)?.problem, undefined)
})

test('unreadable files and folders are reported, and the rest is read', async () => {
  const [{ name } = { name: '' }, other] = [disk.images[0], disksOf(whole)[1]!]
  const otherSnapshot = `${workload}/snapshot_${snapshotsOf(whole)[1]?.snapshotId}`
  const closed = [`${disk.folder}/${name}`, `${disk.folder}/disk_db`, other.folder, otherSnapshot]
  for (const path of closed) chmodSync(inTarget(path), 0o000)
  chmodSync(folder, 0o755)
  const found = await asUnprivileged(() =>
    readSnapshot(new NearTree(new Route(target)), snapshot, 'x', { depth: 'headers' }),
  )
  const unread = await asUnprivileged(() =>
    readSnapshot(new NearTree(new Route(target)), otherSnapshot, 'y', { depth: 'headers' }),
  )
  for (const path of closed) chmodSync(inTarget(path), 0o755)
  assert.match(unread.unread ?? '', /EACCES/)
  assert.match(found.disks.find((one) => one.folder === other.folder)?.unread ?? '', /EACCES/)
  assert.match(found.problems.find(({ file }) => file === `${disk.folder}/disk_db`)?.message ?? '', /EACCES/)
  const image = found.disks.find((one) => one.folder === disk.folder)?.images[0]
  assert.equal(image?.problem?.kind, 'unreadable')
  assert.equal(found.record?.status, 'available')
})

/** Root may read everything. */
async function asUnprivileged<Result>(act: () => Promise<Result>): Promise<Result> {
  if (!isRoot) return act()
  process.seteuid?.(65_534)
  try {
    return await act()
  } finally {
    process.seteuid?.(0)
  }
}

test('hostile names are harmless: line breaks, maximum length, and bytes that are not UTF-8', async () => {
  const device = 'a\nb {"kind":"end"}\n\u001b[31m'
  const hostile = disk.folder.replace(/_[^_]*$/, `_${device}`)
  renameSync(inTarget(disk.folder), inTarget(hostile))
  const odd = [`workload_${device}`, `${workload}/snapshot_${'é'.repeat(123)}`, `${snapshot}/vm_id_${device}`]
  for (const path of odd) mkdirSync(inTarget(path))
  const alien = Buffer.concat([Buffer.from(`${inTarget(snapshot)}/vm_id_`), Buffer.from([0xff, 0xfe])])
  mkdirSync(alien)
  const found = await collect([target])
  assert.ok(disksOf(found).some((one) => one.device === device && one.images.length === disk.images.length))
  assert.deepEqual(imagesOf(found).length, imagesOf(whole).length)
  const at = oddAt(found)
  for (const path of odd) assert.match(at[path]?.message ?? '', /^not the folder of a \w+; not read$/)
  assert.match(
    oddities(found)
      .map(({ message }) => message)
      .join(),
    /not UTF-8/,
  )
  assert.equal(oddities(found).length, odd.length + 1)
})

test('copies and leftovers beside workloads, snapshots, VMs, disks, images and records are reported, and not read', async () => {
  const image = `${disk.folder}/${disk.images[0]!.name}`
  const copies = [
    `${workload}.bak`,
    `${workload} (1)`,
    `${snapshot}.old`,
    `${disk.folder.split('/').slice(0, 3).join('/')}_copy`,
    `${disk.folder}.bak`,
    `${disk.folder}2`,
    `${image}.bak`,
    `${disk.folder}/disk_db~`,
    `${workload}/workload_db.orig`,
  ]
  const leftovers = [`.${workload}.Ab3xYz`, `${snapshot}.partial`, `${disk.folder}/.${disk.images[0]!.name}.x8Yz12`]
  // The tree of a filer's own snapshots holds all of it again.
  const ofStorage = [`${workload}/.snapshot/hourly.0/link`, `${snapshot}/lost+found/link`]
  for (const path of [...copies, ...leftovers]) {
    const from =
      path.includes(`${image}`) || path.includes('x8Yz12')
        ? image
        : path.replace(/^\.|(\.Ab3xYz|\.bak|\.old|\.partial|\.orig|_copy|~|2| \(1\))$/g, '')
    cpSync(inTarget(from), inTarget(path), { recursive: true })
  }
  for (const path of ofStorage) {
    mkdirSync(inTarget(path, '..'), { recursive: true })
    symlinkSync('x', inTarget(path))
  }
  const found = await collect([target])
  assert.deepEqual(
    found.workloads.map(({ workloadId }) => workloadId),
    whole.workloads.map(({ workloadId }) => workloadId),
  )
  assert.deepEqual(disksOf(found), disksOf(whole))
  const kinds = Object.fromEntries(oddities(found).map(({ path, kind }) => [path, kind]))
  assert.deepEqual(kinds, {
    ...Object.fromEntries(copies.map((path) => [path, 'copy'])),
    ...Object.fromEntries(leftovers.map((path) => [path, 'leftover'])),
  })
})

test('a very deep tree and a folder with very many oddities are read in bounded time and space', async () => {
  let deep = inTarget(snapshot, 'network')
  while (deep.length + 201 < 4000) deep = join(deep, 'd'.repeat(200))
  mkdirSync(deep, { recursive: true })
  for (let i = 0; i < 3000; i++) symlinkSync('x', inTarget(workload, `link-${i}`))
  const found = await collect([target])
  const messages = oddities(found).map(({ message }) => message)
  assert.ok(messages.some((message) => message?.startsWith('nested too deeply')))
  assert.ok(messages.some((message) => message?.startsWith('and more')))
  assert.ok(messages.length < 1010)
  assert.deepEqual(imagesOf(found), imagesOf(whole))
})

test('folders and files that vanish during a scan are reported, whenever it happens', async () => {
  const gone = inTarget(snapshot)
  const kept = `${gone}.kept`
  const intact = await readSnapshot(new NearTree(new Route(target)), snapshot, 'x', { depth: 'tables' })
  let reported = 0
  // Everything vanishes before each request but the first, in turn.
  for (let at = 2; ; at++) {
    let requests = 0
    const beat = (isAsking: boolean) => {
      if (isAsking && ++requests === at) renameSync(gone, kept)
    }
    const tree = new NearTree(new Route(target), { beat })
    const found = await readSnapshot(tree, snapshot, 'x', { depth: 'tables' })
    if (requests < at) break
    renameSync(kept, gone)
    // An open file is read to its end.
    if (!JSON.stringify(found).includes('ENOENT')) assert.deepEqual(found.disks, intact.disks, `before request ${at}`)
    else reported++
  }
  assert.ok(reported > 10, `only ${reported} were reported`)
  const tree = new NearTree(new Route(target))
  assert.equal(readRoot(tree).workloadIds.length, 1)
  rmSync(inTarget(workload), { recursive: true })
  assert.match(readWorkload(tree, workload).part.unread ?? '', /ENOENT/)
  assert.match((await readSnapshot(tree, snapshot, 'x', { depth: 'headers' })).unread ?? '', /ENOENT/)
})

test('a scan does not change the times of files', async () => {
  const path = inTarget(disk.folder, disk.images[0]!.name)
  execFileSync('touch', ['-a', '-d', '2001-01-01', path])
  await collect([target], { depth: 'tables' })
  assert.equal(statSync(path).atime.getUTCFullYear(), 2001)
})
