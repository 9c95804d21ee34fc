import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, renameSync, symlinkSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readSnapshot } from './read-snapshot.ts'
import { readRoot, readWorkload } from './read-workload.ts'
import { Route, ShortRoute } from './route.ts'
import { makeTarget, scratchFolder } from './scan.fixture.ts'
import { NearTree } from './target-tree.ts'

const folder = scratchFolder('route')

async function readAll(route: Route): Promise<unknown> {
  const tree = new NearTree(route)
  const root = readRoot(tree)
  const workloads = root.workloadIds.map((id) => readWorkload(tree, `workload_${id}`))
  const snapshots = workloads.flatMap(({ snapshotIds }, nth) =>
    snapshotIds.map((id) => [`workload_${root.workloadIds[nth]}/snapshot_${id}`, id] as const),
  )
  const found = []
  for (const [path, id] of snapshots) found.push(await readSnapshot(tree, path, id, { depth: 'tables' }))
  return { root, workloads, found }
}

const openFiles = () => readdirSync('/proc/self/fd').length

test('names from open folders lead to the same places as names from the root', async () => {
  const target = join(folder, 'target')
  await makeTarget(target, { workloads: 3, vms: 2, disks: 2, snapshots: 3, networks: true })
  const [workload = ''] = readdirSync(target).filter((name) => name.startsWith('workload_'))
  const [snapshot = ''] = readdirSync(join(target, workload)).filter((name) => name.startsWith('snapshot_'))
  symlinkSync('/etc', join(target, workload, 'link'))
  truncateSync(join(target, workload, snapshot, 'snapshot_db'), 5)
  mkdirSync(join(target, workload, snapshot, 'vm_id_a', 'not a disk', 'deep'), { recursive: true })
  const byNames = await readAll(new Route(target))
  const before = openFiles()
  assert.deepEqual(await readAll(new ShortRoute(target)), byNames)
  // The root, a workload, a snapshot, a VM and a disk are open.
  assert.ok(openFiles() - before <= 5, `${openFiles() - before}`)
})

test('a target that is moved during a scan is read to its end', async () => {
  const target = join(folder, 'moved')
  await makeTarget(target, { workloads: 1, snapshots: 1 })
  const tree = new NearTree(new ShortRoute(target))
  const [id = ''] = readRoot(tree).workloadIds
  renameSync(target, `${target}-away`)
  assert.equal(readWorkload(tree, `workload_${id}`).snapshotIds.length, 1)
})

test('a folder that became a symbolic link is not followed, and errors name its path', async () => {
  const target = join(folder, 'swapped')
  mkdirSync(join(target, 'a', 'b'), { recursive: true })
  const tree = new NearTree(new ShortRoute(target))
  assert.deepEqual(
    tree.list('a').map(({ name }) => name),
    ['b'],
  )
  renameSync(join(target, 'a', 'b'), join(target, 'a', 'c'))
  symlinkSync('c', join(target, 'a', 'b'))
  assert.throws(() => tree.list('a/b'), { code: 'ENOTDIR', message: `ENOTDIR: not a directory, open '${target}/a/b'` })
  assert.throws(() => tree.withFile('a/none', () => {}), {
    message: `ENOENT: no such file or directory, open '${target}/a/none'`,
  })
  assert.equal(tree.leadsTo('a/b'), 'c')
})
