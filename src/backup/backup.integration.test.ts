import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { InputError } from '../errors.ts'
import { digestSource } from '../image/program.ts'
import { describeImage, readOut } from '../image/qemu.ts'
import { LocalShell } from '../shell/local.ts'
import { backUp } from './backup.ts'
import { planWorkloads } from './backup-plan.ts'
import type { Catalog, ImageRecord } from './catalog.ts'
import { writeDecoys } from './decoy.ts'

const user = { uid: 42_436, gid: 42_436 }
const isRoot = process.getuid?.() === 0
const needsRoot = { skip: !isRoot && 'needs root, to run as the product does' }

const folder = mkdtempSync(join(tmpdir(), 'backup-'))
chmodSync(folder, 0o755)
after(() => rmSync(folder, { recursive: true }))

function share(name: string): string {
  const path = join(folder, name)
  mkdirSync(path)
  chownSync(path, user.uid, user.gid)
  return path
}

/** Reads images with qemu-img, and returns their digests in the same order. */
function contentOf(mountPath: string, images: readonly ImageRecord[]): string[] {
  return images.map(({ path }) => {
    const disk = join(folder, 'read-out.raw')
    const [program, ...args] = readOut(join(mountPath, path), disk)
    execFileSync(program, args)
    const line = execFileSync('python3', ['-', disk], { input: digestSource, encoding: 'utf8' })
    rmSync(disk)
    return line.slice(0, 64)
  })
}

async function backUpTo(name: string, seed: string, snapshots: number): Promise<Catalog> {
  return backUp(new LocalShell(), {
    user,
    mountPath: share(name),
    workDirectory: join(folder, `work of ${name}`).replaceAll(' ', '-'),
    plan: planWorkloads(seed),
    snapshots,
  })
}

for (const seed of ['2026', 'another', 'third']) {
  test(`QEMU reads each image with the content of its live disk (${seed})`, needsRoot, async () => {
    const { images, originPath } = await backUpTo(`share-${seed}`, seed, 4)
    assert.equal(images.length, 20)
    assert.equal(new Set(images.map((image) => image.digest)).size, 20)
    assert.deepEqual(
      contentOf(originPath, images),
      images.map((image) => image.digest),
    )
    for (const image of images) {
      const file = statSync(join(originPath, image.path))
      assert.deepEqual([file.uid, file.gid], [user.uid, user.gid])
      assert.equal(image.chain.length, image.snapshot)
      assert.equal(image.chain[0], image.path)
      if (image.type === 'incremental') assert.ok(file.size < 8 * 2 ** 20, `${file.size} bytes`)
      const [program, ...args] = describeImage(join(originPath, image.path))
      const info = JSON.parse(execFileSync(program, args, { encoding: 'utf8' }))
      const parent = image.chain[1]
      assert.equal(info['backing-filename'], parent && `${originPath}/${parent}`)
      assert.equal(info['backing-filename-format'], parent && 'qcow2')
      assert.equal(info['virtual-size'], image.virtualSizeBytes)
    }
  })
}

test('later snapshots under another mount path name their parents there', needsRoot, async () => {
  const options = {
    user,
    workDirectory: join(folder, 'work-later'),
    plan: planWorkloads('l', { workloads: [{ name: 'web', vms: [{ name: 'web-1', devices: ['vda'] }] }] }),
  }
  const [before, later] = [share('before'), join(folder, 'later')]
  const first = await backUp(new LocalShell(), { ...options, mountPath: before, snapshots: 2 })
  symlinkSync(before, later)
  const last = await backUp(new LocalShell(), { ...options, mountPath: later, taken: 2, snapshots: 3 })
  const images = [...first.images, ...last.images]
  assert.deepEqual(
    images.map(({ snapshot, type }) => [snapshot, type]),
    [
      [1, 'full'],
      [2, 'incremental'],
      [3, 'incremental'],
    ],
  )
  const [, second, third] = images
  assert.ok(second && third)
  const [program, ...args] = describeImage(join(later, third.path))
  assert.equal(
    JSON.parse(execFileSync(program, args, { encoding: 'utf8' }))['backing-filename'],
    `${later}/${second.path}`,
  )
  assert.deepEqual(
    contentOf(later, images),
    images.map((image) => image.digest),
  )
})

test('records match the images and hold no absolute path', needsRoot, async () => {
  const seen: ImageRecord[] = []
  const mountPath = share('records')
  const { images } = await backUp(new LocalShell(), {
    user,
    mountPath,
    workDirectory: join(folder, 'work-records'),
    plan: planWorkloads('r', { workloads: [{ name: "o'web", vms: [{ name: 'vm 1', devices: ['vda'] }] }] }),
    snapshots: 2,
    onImage: (image) => seen.push(image),
  })
  assert.deepEqual(seen, images)
  const read = (path: string) => {
    const text = readFileSync(join(mountPath, path), 'utf8')
    assert.ok(!text.includes(mountPath))
    return JSON.parse(text)
  }
  const [full, incremental] = images
  assert.ok(full && incremental)
  const workload = `workload_${full.workloadId}`
  assert.equal(read(`${workload}/workload_db`).display_name, "o'web")
  assert.equal(read(`${workload}/workload_vms_db`)[0].vm_id, full.vmId)
  const [disk] = read(incremental.path.replace(/[^/]+$/, 'disk_db'))
  assert.equal(disk.vault_url, `/${incremental.path}`)
  assert.equal(disk.vm_disk_resource_snap_backing_id, full.path.split('/').at(-1))
  assert.equal(disk.size, statSync(join(mountPath, incremental.path)).size)
  const folderOf = `${workload}/snapshot_${incremental.snapshotId}`
  assert.equal(read(`${folderOf}/snapshot_db`).snapshot_type, 'incremental')
  assert.equal(read(`${folderOf}/snapshot_vms_db`)[0].snapshot_id, incremental.snapshotId)
  assert.equal(read(`${folderOf}/resources_db`)[0].resource_name, 'vda')
})

test('decoys are valid images with other content', needsRoot, async () => {
  const { images, originPath } = await backUpTo('decoyed', 'd', 2)
  const fulls = images.filter((image) => image.type === 'full')
  await writeDecoys(new LocalShell(), { user, directory: originPath, images: fulls })
  for (const [nth, digest] of contentOf(originPath, images).entries()) assert.notEqual(digest, images[nth]?.digest)
})

test('a folder that qemu-io or a restore cannot name is refused', async () => {
  const options = { user, mountPath: folder, workDirectory: '/tmp/w', plan: planWorkloads('x'), snapshots: 1 }
  await assert.rejects(backUp(new LocalShell(), { ...options, workDirectory: '/tmp/a b' }), InputError)
  await assert.rejects(backUp(new LocalShell(), { ...options, mountPath: 'relative' }), InputError)
})
