import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { after, afterEach, before, beforeEach, describe, it } from 'node:test'
import { until } from '../../concurrency/deadline.ts'
import { judgeRestore } from '../../restore/restore.ts'
import { whyNoAccounts } from '../../shell/sshd.ts'
import { findJob } from '../job/settle-jobs.ts'
import type { RestoreRow } from '../store/state-schema.ts'
import { cancelRestore, findRestore } from './cancel-restore.ts'
import { disksOfInstance, isUnfinished } from './planned-restore.ts'
import { type RestoreRequest, requestRestore } from './request-restore.ts'
import { RequestRefused } from './restore-permission.ts'
import { RestoreSite } from './restore-site.fixture.ts'
import type { RestoreResult } from './run-restore.ts'
import { settleRestores } from './settle-restores.ts'

const lacking = whyNoAccounts() ?? (spawnSync('qemu-img', ['--version']).status === 0 ? undefined : 'needs qemu-img')

describe('a restore by a user', { skip: lacking ?? false, timeout: 240_000 }, () => {
  let site: RestoreSite
  before(async () => {
    site = await RestoreSite.start({ hasCopy: true })
  })
  after(() => site?.[Symbol.asyncDispose]())
  beforeEach(() => symlinkSync(site.mountPath, site.originPath))
  afterEach(() => {
    rmSync(site.originPath, { force: true })
    const { store } = site.manager
    store.restored.remove({})
    store.restores.remove({})
    for (const name of readdirSync(site.config.instancesFolder ?? ''))
      rmSync(join(site.config.instancesFolder ?? '', name), { recursive: true })
    site.describeCloud({})
  })

  const ask = (who: string, snapshot: number, more: Partial<RestoreRequest> = {}): Promise<RestoreRow> =>
    requestRestore(
      site.manager,
      site.requester(who),
      { snapshotId: site.snapshotId(snapshot), kind: 'oneclick', ...more },
      site.start,
    )

  const has = (id: string, isSo: (row: RestoreRow) => boolean) =>
    until(
      `restore ${id}`,
      async () => {
        await settleRestores(site.manager.store)
        const row = findRestore(site.manager.store, id)
        return isSo(row) ? row : undefined
      },
      { deadlineMs: 60_000 },
    )
  const ended = (id: string) => has(id, (row) => !isUnfinished(row))

  const recorded = (snapshot: number) => site.images.filter((image) => image.snapshot === snapshot)
  const recordedDigests = (snapshot: number) => recorded(snapshot).map(({ digest }) => digest)
  const restoredDigests = (nth = 0) => {
    const row = site.manager.store.restored.list()[nth]
    return site.digestsOf(row === undefined ? [] : disksOfInstance(row).map(({ path }) => path))
  }
  const rejected = (request: Promise<unknown>, kind: string) =>
    assert.rejects(request, (error: unknown) => {
      assert.ok(error instanceof RequestRefused, String(error))
      assert.deepEqual(
        error.refusals.map((one) => one.kind),
        [kind],
      )
      return true
    })

  it('in one click makes an instance with the content of the snapshot, on the least busy compute', async () => {
    const { id } = await ask('alice', 3)
    const row = await ended(id)
    assert.deepEqual([row.status, row.errorText, row.compute], ['available', undefined, 'compute-1'])
    assert.deepEqual(restoredDigests(), recordedDigests(3))
    const [instance] = site.manager.store.restored.list()
    assert.equal(instance?.name, 'web-1')
    const { disks } = row.result as RestoreResult
    const commands = disks.flatMap(({ attempts }) =>
      attempts.map(({ part, where, command }) => [part, where, command?.user.uid]),
    )
    assert.deepEqual(commands.slice(0, 2), [
      ['sizing', 'appliance', 42_436],
      ['reading', 'compute-1', 42_436],
    ])
  })

  it('in place overwrites the disks of the instance, which keeps its id', async () => {
    await rejected(ask('alice', 1, { kind: 'inplace' }), 'instance missing')
    await ended((await ask('alice', 3, { compute: 'compute-2' })).id)
    const [before] = site.manager.store.restored.list()
    const row = await ended((await ask('alice', 1, { kind: 'inplace' })).id)
    assert.deepEqual([row.status, row.errorText, row.compute], ['available', undefined, 'compute-2'])
    assert.deepEqual(restoredDigests(), recordedDigests(1))
    const [now] = site.manager.store.restored.list()
    assert.ok(before && now)
    const pathsOf = (one: typeof now) => disksOfInstance(one).map(({ path }) => path)
    assert.deepEqual([now.id, pathsOf(now), now.restoreId], [before.id, pathsOf(before), row.id])
  })

  it('is refused for a user without the role, for an existing instance, and over the quota', async () => {
    await rejected(ask('bob', 3), 'role missing')
    assert.deepEqual(site.manager.store.restores.list(), [])
    await ended((await ask('alice', 3)).id)
    await rejected(ask('alice', 2), 'instance exists')
    site.describeCloud({ projects: [{ name: 'shop', quota: { instances: 1 } }] })
    await rejected(ask('alice', 2, { kind: 'selective' }), 'quota exceeded')
    site.describeCloud({ projects: [{ name: 'shop', quota: { instances: 2 } }] })
    assert.equal((await ended((await ask('alice', 2, { kind: 'selective' })).id)).status, 'available')
    assert.deepEqual(restoredDigests(1), recordedDigests(2))
  })

  it('fails without the origin path, and leaves the evidence for it', async () => {
    rmSync(site.originPath)
    const row = await ended((await ask('alice', 2)).id)
    assert.equal(row.status, 'error')
    assert.match(row.errorText ?? '', /the size of its chain cannot be read on appliance: .*No such file/)
    const { disks } = row.result as RestoreResult
    const judged = disks.map((disk, nth) => {
      const image = recorded(2)[nth]
      assert.ok(image)
      return judgeRestore({ id: 'r1', site: 'recovery', node: 'compute-1', sizedOn: 'appliance' }, image, disk).record
    })
    assert.deepEqual(
      judged.map(({ outcome, reason }) => [outcome, reason?.kind, reason?.path, reason?.node]),
      Array(2).fill(['failed', 'origin path missing', site.originPath, 'appliance']),
    )
    assert.deepEqual(site.manager.store.restored.list(), [])
  })

  const folderOf = (id: string) => join(site.config.instancesFolder ?? '', id)
  const isReading = (id: string) => has(id, ({ status }) => status === 'executing')
  const hasDisk = (id: string) =>
    until('a disk', async () => (existsSync(folderOf(id)) && readdirSync(folderOf(id)).length > 0) || undefined, {
      deadlineMs: 30_000,
    })
  const qemuRuns = (id: string) => spawnSync('pgrep', ['-f', `convert.*${folderOf(id)}`]).status === 0

  it('that is cancelled stops qemu-img and removes its disks', async () => {
    await using _ = await site.hold(site.onCompute(secondDisk()))
    const { id } = await ask('alice', 2)
    await hasDisk(id)
    await until('qemu-img', async () => qemuRuns(id) || undefined, { deadlineMs: 30_000 })
    const row = await cancelRestore(site.manager, id)
    assert.deepEqual(
      [row.status, row.errorText, existsSync(folderOf(id)), qemuRuns(id)],
      ['cancelled', undefined, false, false],
    )
    assert.deepEqual(site.manager.store.restored.list(), [])
    await assert.rejects(cancelRestore(site.manager, id), /cannot be cancelled: its status is cancelled/)
  })

  it('whose process is killed is interrupted, and the next one removes its disks', async () => {
    let killed = ''
    {
      await using _ = await site.hold(site.onCompute(secondDisk()))
      const { id, jobId = '' } = await ask('alice', 2)
      await hasDisk(id)
      const { pid } = findJob(site.manager.store, jobId).worker as { readonly pid: number }
      process.kill(pid, 'SIGKILL')
      const row = await ended(id)
      assert.deepEqual([row.status, row.errorText, existsSync(folderOf(id))], ['error', 'interrupted', true])
      killed = id
    }
    assert.equal((await ended((await ask('alice', 3)).id)).status, 'available')
    assert.equal(existsSync(folderOf(killed)), false)
  })

  it('waits while its compute reads two others, and is refused if the role is withdrawn meanwhile', async () => {
    const on = { compute: 'compute-1', kind: 'selective' } as const
    const ids: string[] = []
    {
      await using _ = await site.hold(site.onCompute(secondDisk()))
      for (let nth = 0; nth < 4; nth++) ids.push((await ask('alice', 2, on)).id)
      const [first = '', second = '', third = '', fourth = ''] = ids
      await Promise.all([isReading(first), isReading(second)])
      await Promise.all([third, fourth].map((id) => has(id, (row) => row.progressText === 'waiting for compute-1')))
      assert.equal((await cancelRestore(site.manager, third)).status, 'cancelled')
      assert.equal(findRestore(site.manager.store, fourth).status, 'restoring')
      const other = await ask('alice', 2, { kind: 'selective' })
      assert.equal(other.compute, 'compute-2')
      ids.push(other.id)
      await isReading(other.id)
      site.describeCloud({ users: [{ name: 'alice', roles: { shop: ['reader'] } }] })
    }
    const rows = await Promise.all(ids.map(ended))
    assert.deepEqual(
      rows.map(({ status }) => status),
      ['available', 'available', 'cancelled', 'error', 'available'],
    )
    assert.match(rows[3]?.errorText ?? '', /alice does not have the role member in project shop/)
  })

  /** The full image of the second disk. */
  function secondDisk() {
    return recorded(1)[1] ?? assert.fail()
  }
})
