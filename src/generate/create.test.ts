import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { InputError } from '../errors.ts'
import { readRecord } from '../target/record-files.ts'
import { createTarget } from './create.ts'
import { readShape, readShapeTable } from './read-shape.ts'
import { contentsOf, imagesOn, snapshotsOn, stateOf } from './target.fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'target-'))
after(() => rmSync(folder, { recursive: true }))

let made = 0

async function create(asked: Readonly<Record<string, unknown>>, directory = join(folder, `target ${made++}`)) {
  return await createTarget({ directory, shape: readShape(undefined, asked) })
}

const everything = {
  workloads: 3,
  vms: '1-2',
  disks: '1-3',
  snapshots: 8,
  keep: 6,
  fullEvery: 5,
  diskSize: '1GiB-2TiB',
  addedDisks: 2,
  imageBooted: 2,
  encrypted: 1,
  deleted: 2,
  upgradeAfter: 4,
  upgradeTo: '4.2',
  networks: true,
}

test('two targets with the same seed are identical, and another seed gives other ids', async () => {
  const [first, again, other] = await Promise.all([
    create({ ...everything, seed: 'a' }),
    create({ ...everything, seed: 'a' }),
    create({ ...everything, seed: 'b' }),
  ])
  assert.deepEqual(contentsOf(again.directory), contentsOf(first.directory))
  const [one, two] = [first, other].map(({ directory }) => new Set(Object.keys(contentsOf(directory))))
  assert.deepEqual([...(one?.intersection(two ?? new Set()) ?? [])], ['contego_tasks', 'workload_transfers'])
})

test('the default shape has one full image and its incrementals', async () => {
  const { directory } = await create({ workloads: 1, vms: 1, disks: 1, snapshots: 4 })
  const images = imagesOn(directory)
  const byId = new Map(images.map((image) => [image.row.id, image]))
  const depths = images.map((image) => {
    let depth = 1
    for (let at = image; at.parent !== undefined; depth++)
      at = byId.get(at.row.vm_disk_resource_snap_backing_id ?? '') ?? at
    return depth
  })
  assert.deepEqual(depths.toSorted(), [1, 2, 3, 4])
  assert.deepEqual(
    snapshotsOn(directory)
      .map((one) => one.snapshot_type)
      .toSorted(),
    ['full', 'incremental', 'incremental', 'incremental'],
  )
})

test('retention keeps the newest snapshots, and the oldest of them is full', async () => {
  const { directory, snapshots } = await create({ workloads: 1, vms: 1, disks: 1, snapshots: 30, keep: 3 })
  assert.equal(snapshots, 3)
  assert.deepEqual(
    snapshotsOn(directory)
      .map((one) => one.snapshot_type)
      .toSorted(),
    ['full', 'incremental', 'incremental'],
  )
  assert.equal(imagesOn(directory).filter(({ parent }) => parent === undefined).length, 1)
})

test('fullEvery sets the interval of full snapshots', async () => {
  const { directory } = await create({ workloads: 1, vms: 1, disks: 1, snapshots: 7, fullEvery: 3 })
  assert.equal(imagesOn(directory).filter(({ parent }) => parent === undefined).length, 3)
})

test('a disk that is added later makes a snapshot mixed', async () => {
  const { directory } = await create({ workloads: 1, vms: 1, disks: 2, snapshots: 3, addedDisks: 1 })
  assert.equal(snapshotsOn(directory).filter((one) => one.snapshot_type === 'mixed').length, 1)
})

test('an image-booted disk has a base beside its full image', async () => {
  const { directory } = await create({ workloads: 1, vms: 1, disks: 1, snapshots: 2, imageBooted: 1 })
  const images = imagesOn(directory)
  assert.equal(images.length, 3)
  const base = images.find(({ row }) => row.top === false)
  const overlay = images.find(({ row }) => row.id === base?.row.vm_disk_resource_snap_child_id)
  assert.ok(base && overlay?.row.top)
  assert.equal(overlay.parent?.path, base.path)
  assert.equal(base.path.replace(/[^/]+$/, ''), overlay.path.replace(/[^/]+$/, ''))
  assert.ok(images.some(({ parent }) => parent?.path === overlay.path))
})

test('an upgrade gives chains two origin paths', async () => {
  const shape = { workloads: 1, vms: 1, disks: 1, snapshots: 4, upgradeAfter: 2, upgradeTo: 4.2 }
  const { directory, originPaths } = await create(shape)
  const seen = imagesOn(directory).flatMap(({ parent }) => parent?.mountPath ?? [])
  assert.deepEqual(originPaths, [
    '/var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0=',
    '/var/triliovault-mounts/L3Vwc3RyZWFt',
  ])
  assert.deepEqual(seen.toSorted(), [originPaths[1], originPaths[1], originPaths[0]].toSorted())
})

test('networks add resources that are not disks, and a folder for each of their records', async () => {
  const { directory } = await create({ workloads: 1, vms: 2, disks: 1, snapshots: 1, networks: true })
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' })
  const [file = ''] = files.filter((one) => one.endsWith('/resources_db'))
  const { record = [], problems } = readRecord('resources_db', readFileSync(join(directory, file)), file)
  assert.deepEqual(problems, [])
  const types = record.map((row) => row.resource_type).toSorted()
  const ofOne = ['disk', 'flavor', 'network', 'nic', 'router', 'security_group', 'subnet']
  assert.deepEqual(types, [...ofOne, ...ofOne].toSorted())
  const folders = files.flatMap((one) => /(?:network|security_group)\/vm_res_id_([^/_]+)_[^/]*$/.exec(one)?.[1] ?? [])
  assert.equal(folders.length, 4)
  for (const id of folders) assert.ok(record.some((row) => row.id === id))
})

test('later snapshots need the deleted ones', async () => {
  const { directory } = await create({ workloads: 2, vms: 1, disks: 1, snapshots: 4, fullEvery: 2, deleted: 4 })
  const deleted = snapshotsOn(directory).filter((one) => one.status === 'deleted')
  assert.equal(deleted.length, 4)
  const parents = new Set(imagesOn(directory).map(({ parent }) => parent?.path.split('/')[1]))
  for (const { id } of deleted) assert.ok(parents.has(`snapshot_${id}`))
})

test('an incomplete replica lacks images that its records list', async () => {
  const { directory, images: count } = await create({ snapshots: 6, missing: 3, cutShort: 6, brokenRecords: 2 })
  const images = imagesOn(directory)
  assert.equal(images.length, count)
  const states = await Promise.all(images.map((image) => stateOf(directory, image)))
  const countOf = (state: string) => states.filter((one) => one === state).length
  assert.deepEqual([countOf('missing'), countOf('sound')], [3, count - 9])
  assert.equal(countOf('truncated') + countOf('no header'), 6)
  assert.ok(countOf('truncated') > 0)
  const { snapshots } = await create({ snapshots: 6 })
  assert.equal(snapshotsOn(directory).length, snapshots - 2)
})

test('an impossible shape is refused with the name of its key, and nothing is created', async () => {
  const rows: readonly [Readonly<Record<string, unknown>>, RegExp][] = [
    [{ workloads: 0 }, /workloads: /],
    [{ workloads: 'many' }, /workloads: must be a whole number/],
    [{ vms: '4-1' }, /vms: must be a whole number from 1 to 1000, or two like 1-4, not "4-1"/],
    [{ disks: '25' }, /disks: .*from 1 to 24/],
    [{ diskSize: '10GB' }, /diskSize: must be a size/],
    [{ snapshots: 1.5 }, /snapshots: /],
    [{ keep: 6 }, /keep must be at most the 5 snapshots/],
    [{ newest: 'yesterday' }, /newest: must be a moment/],
    [{ share: 'h:exp' }, /does not start with a slash/],
    [{ version: '9.9' }, /the nearest is juju 6.2/],
    [{ share: `h:/${'x'.repeat(700)}` }, /share: its mount path must have at most 801 bytes/],
    [{ upgradeAfter: 2 }, /upgradeTo/],
    [{ upgradeTo: '4.2', upgradeAfter: 5 }, /upgradeAfter must be less than the 5 snapshots/],
    [{ encrypted: 5 }, /encrypted: the target has only 4 workloads, not 5/],
    [{ disks: 1, addedDisks: 1 }, /addedDisks: the target has only 0 disks/],
    [{ fullEvery: 1, deleted: 1 }, /deleted: the target has only 0 snapshots that later ones need/],
    [{ missing: 1000 }, /missing, cutShort: the target has only \d+ images/],
    [{ wrokloads: 3 }, /unknown key `wrokloads`: did you mean `workloads`\?/],
  ]
  const directory = join(folder, 'refused')
  for (const [asked, why] of rows)
    await assert.rejects(
      create(asked, directory),
      (error) => error instanceof InputError && why.test(error.message),
      JSON.stringify(asked),
    )
  assert.equal(existsSync(directory), false)
})

test('a shape is read from a file, and options win over it', () => {
  const file = join(folder, 'shape.yaml')
  writeFileSync(file, 'workloads: 7\nvms: 1-3\nversion: 4.2\n')
  const shape = readShape(file, { workloads: '9' })
  assert.deepEqual([shape.workloads, shape.vms, shape.version], [9, { min: 1, max: 3 }, '4.2'])
  writeFileSync(file, 'wrokloads: 7\n')
  assert.throws(() => readShape(file, { seed: '2' }), {
    message: `${file}: unknown key \`wrokloads\`: did you mean \`workloads\`?`,
  })
  assert.throws(() => readShape(join(folder, 'none.yaml'), {}), InputError)
})

test('a shape is read from a table of a feature', () => {
  const { shape, hasData } = readShapeTable({ workloads: '2', 'full-every': '3', networks: 'yes', 'with-data': 'yes' })
  assert.deepEqual([shape.workloads, shape.fullEvery, shape.networks, hasData], [2, 3, true, true])
  assert.equal(readShapeTable({}).hasData, false)
  assert.throws(() => readShapeTable({ 'full-evry': '3' }), /unknown key `fullEvry`: did you mean `fullEvery`\?/)
  assert.throws(() => readShapeTable({ networks: 'true' }), /networks must be yes or no, not "true"/)
})
