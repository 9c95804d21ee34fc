import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync, rmSync, symlinkSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { after, afterEach, before, describe, it } from 'node:test'
import { until } from '../../concurrency/deadline.ts'
import { describeImage } from '../../image/qemu.ts'
import { whyNoAccounts } from '../../shell/sshd.ts'
import { snapshotFolder } from '../../target/layout.ts'
import { readRecord } from '../../target/record-files.ts'
import { findRestore } from '../restore/cancel-restore.ts'
import { disksOfInstance, isUnfinished } from '../restore/planned-restore.ts'
import { type RestoreRequest, requestRestore } from '../restore/request-restore.ts'
import { RequestRefused } from '../restore/restore-permission.ts'
import { RestoreSite } from '../restore/restore-site.fixture.ts'
import { settleRestores } from '../restore/settle-restores.ts'
import { readSnapshotContents } from '../restore/snapshot-contents.ts'
import { requestSnapshot, type SnapshotRequest } from './request-snapshot.ts'
import { runSchedule } from './run-schedule.ts'
import { settleSnapshots } from './settle-snapshots.ts'

const lacking = whyNoAccounts() ?? (spawnSync('qemu-img', ['--version']).status === 0 ? undefined : 'needs qemu-img')

describe('a snapshot of a recovered workload', { skip: lacking ?? false, timeout: 240_000 }, () => {
  let site: RestoreSite
  before(async () => {
    site = await RestoreSite.start()
    symlinkSync(site.mountPath, site.originPath)
  })
  after(() => site?.[Symbol.asyncDispose]())
  afterEach(() => site.describeCloud({}))

  const workloadId = () => site.images[0]?.workloadId ?? ''
  const restored = async (request: Partial<RestoreRequest> & { readonly snapshotId: string }) => {
    const { store } = site.manager
    const { id } = await requestRestore(
      site.manager,
      site.requester('alice'),
      { kind: 'oneclick', ...request },
      site.start,
    )
    const row = await until(
      'the restore',
      async () => {
        await settleRestores(store)
        const one = findRestore(store, id)
        return isUnfinished(one) ? undefined : one
      },
      { deadlineMs: 60_000 },
    )
    assert.equal(row.status, 'available', row.errorText)
  }
  const taken = async (request: Partial<SnapshotRequest> = {}) => {
    const asked = { workloadId: workloadId(), ...request }
    const { id } = await requestSnapshot(site.manager, site.requester('alice'), asked, site.start)
    return endOf(id)
  }
  const endOf = (id: string) => {
    const { store } = site.manager
    return until(
      'the snapshot',
      async () => {
        await settleSnapshots(store)
        const row = store.snapshots.find({ id })
        return row?.status === 'executing' ? undefined : row
      },
      { deadlineMs: 60_000 },
    )
  }
  const pathsOfInstance = (nth = 0) => {
    const row = site.manager.store.restored.list()[nth]
    return row === undefined ? [] : disksOfInstance(row).map(({ path }) => path)
  }
  const change = (path: string, offset: number, text: string) => {
    const file = openSync(path, 'r+')
    writeSync(file, Buffer.from(text.padEnd(70_000, text)), 0, 70_000, offset)
    closeSync(file)
  }
  const imagesOf = (snapshotId: string) => {
    const target = { mountPath: site.mountPath }
    const vms = readSnapshotContents({ target, workloadId: workloadId(), snapshotId })
    return vms.flatMap(({ disks }) => disks.map(({ imagePath }) => imagePath))
  }
  const parentOf = (imagePath: string): string | undefined => {
    const [program, ...args] = describeImage(join(site.mountPath, imagePath))
    return JSON.parse(execFileSync(program, args, { encoding: 'utf8' }))['backing-filename']
  }

  it('needs an instance in this cloud, and the role', async () => {
    await assert.rejects(taken(), /no instance of workload web exists in this cloud/)
    site.describeCloud({ users: [{ name: 'alice', roles: { shop: ['reader'] } }] })
    await assert.rejects(taken(), RequestRefused)
    assert.equal(site.manager.store.snapshots.list().length, 3)
  })

  it('continues the chain under the mount path of this site, with the content of the instance', async () => {
    await restored({ snapshotId: site.snapshotId(3) })
    const [vda = '', vdb = ''] = pathsOfInstance()
    change(vda, 5_000_000, 'changed')
    change(vda, 900_000_000, 'new')
    change(vdb, 0, '\0')
    const row = await taken()
    assert.deepEqual([row.status, row.errorText, row.type], ['available', undefined, 'incremental'])
    const before = site.images.filter(({ snapshot }) => snapshot === 3)
    assert.deepEqual(
      imagesOf(row.id).map(parentOf),
      before.map(({ path }) => `${site.mountPath}/${path}`),
    )
    assert.ok(before.every(({ path }) => parentOf(path)?.startsWith(site.originPath)))
    assert.ok(row.sizeBytes < 4 * 2 ** 20, `${row.sizeBytes} bytes`)
    const digests = site.digestsOf([vda, vdb])
    assert.notEqual(digests[0], before[0]?.digest)
    await restored({ snapshotId: row.id, kind: 'selective' })
    assert.deepEqual(site.digestsOf(pathsOfInstance(1)), digests)
    const place = { workloadId: workloadId(), snapshotId: row.id }
    const record = join(site.mountPath, snapshotFolder(place), 'snapshot_db')
    assert.equal(readRecord('snapshot_db', readFileSync(record), 'snapshot_db').record?.status, 'available')
    site.manager.store.restored.remove({ id: site.manager.store.restored.list()[1]?.id })
  })

  it('compares with the latest snapshot, also after an older one was restored in place', async () => {
    await restored({ snapshotId: site.snapshotId(1), kind: 'inplace' })
    const digests = site.digestsOf(pathsOfInstance())
    const row = await taken()
    assert.deepEqual([row.status, row.errorText, row.type], ['available', undefined, 'incremental'])
    await restored({ snapshotId: row.id, kind: 'selective' })
    assert.deepEqual(site.digestsOf(pathsOfInstance(1)), digests)
    assert.deepEqual(
      digests,
      site.images.filter(({ snapshot }) => snapshot === 1).map(({ digest }) => digest),
    )
    site.manager.store.restored.remove({ id: site.manager.store.restored.list()[1]?.id })
  })

  it('is taken by schedule in the name of the owner, who needs the role', async () => {
    const { store } = site.manager
    const later = new Date(Date.now() + 48 * 3_600_000)
    assert.deepEqual(await runSchedule(site.manager, new Date(), site.start), [])
    site.describeCloud({ users: [{ name: 'alice', roles: { shop: ['reader'] } }] })
    const [refused] = await runSchedule(site.manager, later, site.start)
    assert.match(refused?.problem ?? '', /alice does not have the role member in project shop/)
    site.describeCloud({})
    const [due] = await runSchedule(site.manager, later, site.start)
    assert.equal((await endOf(due?.snapshot?.id ?? '')).status, 'available')
    store.workloads.change({ id: workloadId() }, { isScheduled: false })
    assert.deepEqual(await runSchedule(site.manager, later, site.start), [])
  })

  it('is full if it is requested so', async () => {
    const row = await taken({ isFull: true })
    assert.deepEqual([row.status, row.type], ['available', 'full'])
    assert.deepEqual(imagesOf(row.id).map(parentOf), [undefined, undefined])
  })

  it('fails without the origin path of the chain before it, and leaves no files', async () => {
    const { store } = site.manager
    for (const { id } of store.snapshots.list().slice(3)) store.snapshots.change({ id }, { status: 'error' })
    rmSync(site.originPath)
    const row = await taken()
    assert.equal(row.status, 'error')
    assert.match(row.errorText ?? '', /the snapshot before cannot be read on compute-1: .*No such file/)
    assert.equal(
      existsSync(join(site.mountPath, snapshotFolder({ workloadId: workloadId(), snapshotId: row.id }))),
      false,
    )
  })
})
