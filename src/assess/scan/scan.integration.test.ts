import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readShape } from '../../generate/read-shape.ts'
import { planTarget } from '../../generate/target-plan.ts'
import { diskFolder } from '../../target/layout.ts'
import type { FoundImage } from './found.ts'
import {
  collect,
  disksOf,
  imagesOf,
  makeTarget,
  oddities,
  type partsOf,
  problems,
  scratchFolder,
  snapshotsOf,
} from './scan.fixture.ts'

const folder = scratchFolder('whole')
const shape = { workloads: 3, vms: '1-3', disks: '1-3', snapshots: 4, imageBooted: 1, encrypted: 1, networks: true }

test('a scan finds each image with its parent, each record, and nothing else', async () => {
  const directory = join(folder, 'whole')
  await makeTarget(directory, shape)
  const found = await collect([directory])
  const plan = planTarget(readShape(undefined, { ...shape }))
  const planned = [...plan.workloads()]
  assert.deepEqual(
    found.workloads.map(({ workloadId }) => workloadId),
    planned.map(({ id }) => id).sort(),
    'workloads come as a whole, sorted',
  )
  const images = new Map<string, FoundImage>(
    disksOf(found).flatMap((disk) => disk.images.map((image) => [`${disk.folder}/${image.name}`, image] as const)),
  )
  const plannedImages = planned.flatMap(({ snapshots }) =>
    snapshots.flatMap(({ disks }) => disks.flatMap(({ images }) => images)),
  )
  assert.equal(images.size, plannedImages.length)
  for (const { path, virtualSizeBytes, parent } of plannedImages) {
    const image = images.get(path)
    assert.equal(image?.problem, undefined)
    assert.equal(image?.header?.virtualBytes, virtualSizeBytes)
    assert.equal(image?.header?.backing, parent?.name)
  }
  for (const { id, snapshots } of planned) {
    const [part] = found.workloads.find(({ workloadId }) => workloadId === id)?.parts ?? []
    assert.equal(
      part?.record?.isEncrypted === true,
      snapshots[0]?.disks[0]?.images[0]?.path !== undefined && isLuks(part),
    )
    assert.deepEqual(
      part?.snapshots.map(({ snapshotId }) => snapshotId),
      snapshots.map((one) => one.id).sort(),
    )
  }
  for (const snapshot of snapshotsOf(found)) {
    assert.equal(snapshot.record?.status, 'available')
    assert.equal(snapshot.resources?.length, snapshot.disks.length)
    for (const disk of snapshot.disks) {
      assert.equal(snapshot.resources?.find(({ resourceId }) => resourceId === disk.resourceId)?.device, disk.device)
      assert.ok(snapshot.vmNames?.[disk.vmId])
      assert.equal(disk.rows?.length, disk.images.length)
    }
  }
  assert.deepEqual(problems(found), [])
  assert.deepEqual(oddities(found), [])
})

function isLuks(part: ReturnType<typeof partsOf>[number] | undefined): boolean {
  return part?.snapshots[0]?.disks[0]?.images[0]?.header?.encryption === 'luks'
}

test('a scan counts all workloads, snapshots and images while it reads', async () => {
  const directory = join(folder, 'counted')
  const made = await makeTarget(directory, { workloads: 2, snapshots: 3 })
  const { events } = await collect([directory])
  const reads = events.filter((event) => event.kind === 'read')
  const sum = (key: 'images' | 'snapshots' | 'snapshotsKnown') => reads.reduce((total, read) => total + read[key], 0)
  assert.equal(sum('images'), made.images)
  assert.equal(sum('snapshots'), made.snapshots)
  assert.equal(sum('snapshotsKnown'), made.snapshots)
})

test('files are identified if the scan was asked for it', async () => {
  const directory = join(folder, 'identified')
  await makeTarget(directory, { workloads: 1, snapshots: 2 })
  const plain = await collect([directory])
  assert.deepEqual(
    imagesOf(plain).map(({ identity }) => identity),
    imagesOf(plain).map(() => undefined),
  )
  for (const depth of ['headers', 'tables'] as const) {
    const found = await collect([directory], { isIdentifying: true, depth })
    for (const { folder: disk, images } of disksOf(found))
      for (const { name, identity } of images) {
        const path = join(directory, disk, name)
        const head = createHash('sha256').update(readFileSync(path).subarray(0, 4096)).digest('hex')
        const { mtimeMs: writtenMs, ino: inode, ctimeMs: changedMs } = statSync(path)
        assert.deepEqual(identity, { writtenMs, head, inode, changedMs })
      }
  }
})

test('filters select by id or name, for a VM also within a snapshot', async () => {
  const directory = join(folder, 'filtered')
  await makeTarget(directory, { workloads: 3, vms: 2, disks: 1, snapshots: 2 })
  const all = await collect([directory])
  const [, one] = all.workloads
  const [part] = one?.parts ?? []
  const [snapshot] = part?.snapshots ?? []
  const [vmId, vmName] = Object.entries(snapshot?.vmNames ?? {})[0] ?? []
  assert.ok(one && part?.record?.name && part.record.projectId && vmId && vmName)
  for (const workload of [one.workloadId, part.record.name]) {
    const found = await collect([directory], { workload })
    assert.deepEqual(found.workloads, [one])
    assert.equal(found.events.filter(({ kind }) => kind === 'skipped').length, 2)
  }
  const byId = await collect([directory], { workloadIds: [one.workloadId, 'none'] })
  assert.deepEqual(byId.workloads, [one])
  assert.equal(byId.events.filter(({ kind }) => kind === 'skipped').length, 0)
  const ofProject = await collect([directory], { project: part.record.projectId })
  assert.ok(ofProject.workloads.every(({ parts }) => parts[0]?.record?.projectId === part.record?.projectId))
  assert.ok(ofProject.workloads.length > 0)
  for (const vm of [vmId, vmName]) {
    const disks = disksOf(await collect([directory], { workload: one.workloadId, vm }))
    assert.equal(disks.length, 2)
    assert.ok(disks.every((disk) => disk.vmId === vmId))
    // The records of its disks are kept: they list the disks and their volumes.
    const snapshots = snapshotsOf(await collect([directory], { workload: one.workloadId, vm }))
    assert.equal(snapshots.length, 2)
    for (const { resources = [] } of snapshots) {
      assert.deepEqual(
        resources.map((resource) => resource.vmId),
        [vmId],
      )
      assert.ok(resources[0]?.volumeId)
    }
  }
  assert.deepEqual((await collect([directory], { workload: 'none' })).workloads, [])
})

test('a workload on several targets is one with a part for each; missing targets are reported', async () => {
  const [first, second] = [join(folder, 'first'), join(folder, 'second')]
  await makeTarget(first, { workloads: 2, vms: 1, disks: 1, snapshots: 3 })
  const whole = await collect([first])
  const [moved, kept] = whole.workloads
  assert.ok(moved && kept)
  const [part] = moved.parts
  const [snapshot] = part?.snapshots ?? []
  const name = `workload_${moved.workloadId}/snapshot_${snapshot?.snapshotId}`
  mkdirSync(join(second, `workload_${moved.workloadId}`), { recursive: true })
  renameSync(join(first, name), join(second, name))
  const found = await collect([first, join(folder, 'nowhere'), second])
  assert.deepEqual(
    found.workloads.map(({ workloadId, parts }) => [workloadId, ...parts.map(({ target }) => target)]),
    [
      [moved.workloadId, 0, 2],
      [kept.workloadId, 0],
    ],
  )
  const [one, other] = found.workloads[0]?.parts ?? []
  assert.deepEqual(
    [...(other?.snapshots ?? []), ...(one?.snapshots ?? [])].sort((a, b) => (a.snapshotId < b.snapshotId ? -1 : 1)),
    part?.snapshots,
  )
  const missing = found.events.find((event) => event.kind === 'no-target')
  assert.equal(missing?.target, 1)
  assert.match(missing?.message ?? '', /ENOENT/)
})

test('a scan of tables finds images whose tables refer beyond the end of the file', async () => {
  const directory = join(folder, 'cut')
  await makeTarget(directory, { workloads: 1, vms: 1, disks: 1, snapshots: 6, cutShort: 3 })
  const broken = (found: Awaited<ReturnType<typeof collect>>) =>
    imagesOf(found).filter(({ problem, tables }) => problem !== undefined || tables !== undefined).length
  assert.equal(broken(await collect([directory], { depth: 'tables' })), 3)
})

test('the path of each disk is that of its folder', async () => {
  const directory = join(folder, 'paths')
  await makeTarget(directory, { workloads: 1, snapshots: 1 })
  const found = await collect([directory])
  for (const { workloadId, parts } of found.workloads)
    for (const { snapshotId, disks } of parts[0]?.snapshots ?? [])
      for (const disk of disks) assert.equal(disk.folder, diskFolder({ ...disk, workloadId, snapshotId }))
})

test('an aborted scan ends at once, with the reason of the signal', async () => {
  const directory = join(folder, 'ended')
  await makeTarget(directory, { workloads: 2 })
  const reason = new Error('enough')
  await assert.rejects(collect([directory], {}, AbortSignal.abort(reason)), reason)
  const controller = new AbortController()
  setTimeout(() => controller.abort(reason), 60)
  await assert.rejects(collect([directory], {}, controller.signal), reason)
})
