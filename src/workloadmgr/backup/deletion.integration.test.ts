import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, chownSync, existsSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { DrillError } from '../../errors.ts'
import { commit, describeImage, readOut } from '../../image/qemu.ts'
import { whyNoAccounts } from '../../shell/sshd.ts'
import { snapshotFolder, workloadFolder } from '../../target/layout.ts'
import { RequestRefused } from '../restore/restore-permission.ts'
import { RestoreSite } from '../restore/restore-site.fixture.ts'
import { deleteSnapshot } from './delete-snapshot.ts'

const lacking = whyNoAccounts() ?? (spawnSync('qemu-img', ['--version']).status === 0 ? undefined : 'needs qemu-img')

describe('the deletion of a snapshot', { skip: lacking ?? false, timeout: 240_000 }, () => {
  let site: RestoreSite
  const saved = () => join(site.folder, 'saved')
  before(async () => {
    site = await RestoreSite.start()
    execFileSync('cp', ['-a', '--sparse=always', site.mountPath, saved()])
    symlinkSync(site.mountPath, site.originPath)
  })
  after(() => site?.[Symbol.asyncDispose]())
  beforeEach(() => {
    rmSync(site.mountPath, { recursive: true })
    execFileSync('cp', ['-a', '--sparse=always', saved(), site.mountPath])
    for (const { id } of site.manager.store.snapshots.list())
      site.manager.store.snapshots.change({ id }, { isDeleted: false, isDataDeleted: false, status: 'available' })
  })

  const remove = (snapshot: number, who = 'alice') =>
    deleteSnapshot(site.manager, site.requester(who), site.snapshotId(snapshot))
  const imagesOf = (snapshot: number) => site.images.filter((image) => image.snapshot === snapshot)
  const folderOf = (snapshot: number) =>
    join(
      site.mountPath,
      snapshotFolder({ workloadId: imagesOf(1)[0]?.workloadId ?? '', snapshotId: site.snapshotId(snapshot) }),
    )
  const record = (path: string) => JSON.parse(readFileSync(path, 'utf8'))

  /** Reads the images of a snapshot out, and compares their content with that of the live disks. */
  function assertContent(snapshot: number): void {
    const images = imagesOf(snapshot)
    const disks = images.map(({ path }, nth) => {
      const disk = join(site.folder, `${nth}.raw`)
      const [program, ...args] = readOut(join(site.mountPath, path), disk)
      execFileSync(program, args)
      return disk
    })
    assert.deepEqual(
      site.digestsOf(disks),
      images.map(({ digest }) => digest),
    )
    for (const disk of disks) rmSync(disk)
  }

  const parentOf = (path: string): string | undefined => {
    const [program, ...args] = describeImage(join(site.mountPath, path))
    return JSON.parse(execFileSync(program, args, { encoding: 'utf8' }))['backing-filename']
  }

  it('commits the next snapshot into the images of the oldest, and later ones keep their content', async () => {
    assert.equal(await remove(1), 'merged')
    assert.equal(existsSync(folderOf(1)), false)
    for (const { path } of imagesOf(2)) {
      assert.equal(parentOf(path), undefined)
      const [row] = record(join(site.mountPath, path, '..', 'disk_db'))
      assert.equal(row.vm_disk_resource_snap_backing_id, null)
    }
    assert.equal(record(join(folderOf(2), 'snapshot_db')).snapshot_type, 'full')
    assertContent(2)
    assertContent(3)
    assert.equal(await remove(2), 'merged')
    assertContent(3)
    await assert.rejects(remove(1), /is deleted already/)
  })

  it('can be run again after an interruption at any point', async () => {
    const [first, second] = imagesOf(2)
    const base = imagesOf(1)[0]
    assert.ok(first && second && base)
    // One image was committed and moved, and the other one was committed only.
    for (const { path } of [first, second]) {
      const [program, ...args] = commit(join(site.mountPath, path))
      execFileSync(program, args)
    }
    renameSync(join(site.mountPath, base.path), join(site.mountPath, first.path))
    assert.equal(await remove(1), 'merged')
    assertContent(2)
    assertContent(3)
  })

  it('removes the newest, and only marks one between two others', async () => {
    assert.equal(await remove(2), 'marked')
    assert.equal(record(join(folderOf(2), 'snapshot_db')).status, 'deleted')
    assertContent(3)
    assert.equal(await remove(3), 'removed')
    assert.equal(existsSync(folderOf(3)), false)
    assert.equal(await remove(1), 'merged')
    assertContent(2)
  })

  it('is refused without the role', async () => {
    await assert.rejects(remove(1, 'bob'), RequestRefused)
    assert.ok(existsSync(folderOf(1)))
  })

  it('changes nothing on a target that it cannot write to', async () => {
    const folder = join(site.mountPath, workloadFolder(imagesOf(1)[0]?.workloadId ?? ''))
    chownSync(folder, 0, 0)
    chmodSync(folder, 0o755)
    await assert.rejects(remove(1), (error: unknown) => {
      assert.ok(error instanceof DrillError)
      assert.equal(error.code, 'target-not-writable')
      assert.match(error.message, /cannot be written to: .*: Permission denied/)
      return true
    })
    assertContent(3)
  })

  it('needs the origin path of the next snapshot, and changes nothing without it', async () => {
    rmSync(site.originPath)
    try {
      await assert.rejects(remove(1), /cannot commit .* into its base: .*No such file/)
    } finally {
      symlinkSync(site.mountPath, site.originPath)
    }
    for (const snapshot of [1, 2, 3]) assertContent(snapshot)
  })
})
