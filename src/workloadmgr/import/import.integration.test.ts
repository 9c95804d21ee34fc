import assert from 'node:assert/strict'
import { cpSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { until } from '../../concurrency/deadline.ts'
import { contentsOf } from '../../generate/target.fixture.ts'
import type { PlannedWorkload } from '../../generate/target-plan.ts'
import { uuidFrom } from '../../target/layout.ts'
import { cancelJob, findJob, waitForJob } from '../job/settle-jobs.ts'
import {
  cannotTrace,
  changeRecord,
  cloudOf,
  emptyFolder,
  type ManagedSite,
  makeSite,
  makeTarget,
  noJob,
  recordsIn,
  removeFixtures,
  scratch,
  workloadProgram,
} from '../manager.fixture.ts'
import { openManager } from '../manager.ts'
import type { KnownSnapshot } from '../store/state-schema.ts'
import { type ImportOutcome, importWorkloads, startImport } from './import-workloads.ts'

after(removeFixtures)
const model = join(scratch('import'), 'model')
let workloads: readonly PlannedWorkload[] = []
let target = ''
let site: ManagedSite
const [first, second] = [() => workloads[0]!, () => workloads[1]!]

before(async () => {
  // The share of the site: its import has nothing to rewrite.
  workloads = await makeTarget(model, { workloads: 3, snapshots: 3, share: '10.0.0.1:/recovery' })
})
beforeEach(() => {
  target = join(scratch('import'), 'target')
  cpSync(model, target, { recursive: true })
  site = makeSite({ targets: [target], cloud: cloudOf(workloads) })
})

const folderOf = ({ id }: PlannedWorkload) => join(target, `workload_${id}`)
const recordOf = (workload: PlannedWorkload, nth: number) =>
  join(folderOf(workload), `snapshot_${workload.snapshots[nth]?.id}`, 'snapshot_db')
const importAll = (manager = site.manager) => importWorkloads(manager, undefined, noJob())
const idsIn = (rows: ImportOutcome['skipped' | 'failed' | 'imported']) => rows.map(({ id }) => id)
const snapshotsOf = ({ id }: PlannedWorkload): readonly KnownSnapshot[] =>
  site.manager.store.snapshots.list({ workloadId: id })

describe('import', () => {
  it('puts workloads, snapshots and instances into the database, and changes nothing that is right', async () => {
    const before = contentsOf(target)
    const { imported, skipped, failed } = await importAll()
    assert.deepEqual([imported.length, skipped, failed], [3, [], []])
    const { store } = site.manager
    const { id, userId, projectId, name } = first()
    assert.deepEqual(store.workloads.find({ id }), {
      id,
      userId,
      projectId,
      name,
      description: 'Backs up workload-1-vm-1',
      typeId: first().typeId,
      availabilityZone: 'nova',
      status: 'available',
      schedule: "{'enabled': True, 'interval': '24hrs', 'fullbackup_interval': '-1'}",
      isScheduled: true,
      isDeleted: false,
      isEncrypted: false,
      productVersion: '4.1',
      target: 'target-1',
    })
    assert.deepEqual(
      snapshotsOf(first())
        .map(({ id: snapshot, status, userId: user }) => [snapshot, status, user])
        .toSorted(),
      first()
        .snapshots.map((one) => [one.id, 'available', userId])
        .toSorted(),
    )
    assert.deepEqual(store.instances.list({ workloadId: id }), [
      { id: first().vms[0]?.id, workloadId: id, name: 'workload-1-vm-1' },
    ])
    assert.deepEqual(contentsOf(target), before)
  })

  it('skips workloads that are known, and takes the requested ones only', async () => {
    const one = await importWorkloads(site.manager, [first().id], noJob())
    assert.deepEqual(idsIn(one.imported), [first().id])
    const all = await importAll()
    assert.deepEqual(
      [idsIn(all.imported).length, all.skipped],
      [2, [{ id: first().id, reason: 'is already in the database' }]],
    )
    const none = await importAll()
    assert.deepEqual([none.imported, none.skipped.length, none.failed], [[], 3, []])
  })

  it('skips a workload that is known, although its target is not read', async () => {
    await importAll()
    rmSync(target, { recursive: true })
    const { skipped, failed } = await importWorkloads(site.manager, [first().id], noJob())
    assert.deepEqual([skipped, failed], [[{ id: first().id, reason: 'is already in the database' }], []])
  })

  it('succeeds without any image: only a restore needs them', async () => {
    for (const { path } of workloads.flatMap(({ snapshots }) => snapshots.flatMap((one) => one.disks[0]?.images ?? [])))
      rmSync(join(target, path))
    assert.equal((await importAll()).imported.length, 3)
  })

  it('fails for a workload of a missing project, and for one of another cloud by the settings on the target', async () => {
    const cloud = cloudOf(workloads.slice(1))
    const missing = makeSite({ targets: [target], cloud: { ...cloud, id: uuidFrom('cloud 1') } })
    const other = makeSite({ targets: [target], cloud })
    for (const [{ manager }, error] of [
      [missing, /^project \S+ does not exist in this cloud$/],
      [other, /belongs to another cloud \([\da-f-]{36}\)$/],
    ] as const) {
      const { imported, failed } = await importAll(manager)
      assert.deepEqual([imported.length, idsIn(failed)], [2, [first().id]])
      assert.match(failed[0]?.error ?? '', error)
      assert.match(readFileSync(join(manager.config.stateDirectory, 'workloadmgr.log'), 'utf8'), /was not imported/)
    }
  })

  it('fails for a folder without workload_db, an absent folder, and a text that is not an id', async () => {
    rmSync(join(folderOf(first()), 'workload_db'))
    const absent = uuidFrom('absent')
    const { failed, imported } = await importWorkloads(site.manager, [first().id, absent, second().id], noJob())
    assert.deepEqual([idsIn(failed), idsIn(imported)], [[first().id, absent], [second().id]])
    assert.match(failed[0]?.error ?? '', /ENOENT.*workload_db/)
    assert.match(failed[1]?.error ?? '', /no folder workload_\S+: not on target-1$/)
    await assert.rejects(importWorkloads(site.manager, ['../etc'], noJob()), /"\.\.\/etc" is not the id of a workload/)
  })

  it('names the targets that were not read', async () => {
    const two = makeSite({ targets: [target, `${target}-missing`], cloud: cloudOf(workloads) })
    const { failed, unreadTargets } = await importWorkloads(two.manager, [uuidFrom('absent')], noJob())
    assert.match(failed[0]?.error ?? '', /not on target-1; target-2 was not read: .*No such file/)
    assert.deepEqual(
      unreadTargets.map(({ name }) => name),
      ['target-2'],
    )
    emptyFolder(`${target}-missing`)
    const empty = await importWorkloads(two.manager, [uuidFrom('absent')], noJob())
    assert.match(empty.unreadTargets[0]?.problem ?? '', /^nothing is mounted at /)
  })

  it('writes the endpoint where it found the records, into each that has one, and keeps all other bytes', async () => {
    const row = { id: 'm', key: 'backup_media_target', value: '10.10.2.20:/upstream', created_at: 1.5 }
    const files = [join(folderOf(first()), 'workload_db'), recordOf(first(), 0), recordOf(first(), 1)]
    for (const file of files) changeRecord(file, { metadata: [{ key: 'other', value: 'x' }, row], big: 'é\u0000' })
    changeRecord(recordOf(first(), 2), { metadata: [] })
    const before = files.map((file) => readFileSync(file, 'utf8'))
    assert.deepEqual((await importAll()).failed, [])
    assert.deepEqual(
      files.map((file) => readFileSync(file, 'utf8')),
      before.map((text) => text.replace('10.10.2.20:/upstream', '10.0.0.1:/recovery')),
    )
    assert.deepEqual(
      recordsIn(target, first().id)[`workload_${first().id}/snapshot_${first().snapshots[2]?.id}/snapshot_db`]?.[
        'metadata'
      ],
      [],
    )
  })

  it('writes its share into every record of a replica of another share', async () => {
    const replica = join(scratch('import'), 'replica')
    const [one] = await makeTarget(replica, { workloads: 1, snapshots: 2, share: '10.10.2.20:/upstream' })
    const endpoints = () => Object.values(recordsIn(replica, one?.id ?? '')).map(({ metadata }) => metadata)
    assert.deepEqual(endpoints(), Array(3).fill([{ key: 'backup_media_target', value: '10.10.2.20:/upstream' }]))
    const { manager } = makeSite({ targets: [replica], cloud: cloudOf(one ? [one] : []) })
    assert.deepEqual((await importAll(manager)).failed, [])
    assert.deepEqual(endpoints(), Array(3).fill([{ key: 'backup_media_target', value: '10.0.0.1:/recovery' }]))
  })

  it('unlocks workloads, and ends snapshots that were not complete', async () => {
    changeRecord(join(folderOf(first()), 'workload_db'), { status: 'locked' })
    changeRecord(recordOf(first(), 2), { status: 'uploading' })
    changeRecord(recordOf(first(), 1), { status: 'error', error_msg: 'no quota' })
    await importAll()
    assert.equal(site.manager.store.workloads.find({ id: first().id })?.status, 'available')
    const states = new Map(snapshotsOf(first()).map(({ id, status, errorText }) => [id, [status, errorText]]))
    assert.deepEqual(
      first().snapshots.map(({ id }) => states.get(id)),
      [
        ['available', undefined],
        ['error', 'upload not completed'],
        ['error', 'upload not completed'],
      ],
    )
  })

  it('keeps deleted snapshots as deleted, skips deleted workloads, and imports encrypted ones', async () => {
    changeRecord(recordOf(first(), 0), { status: 'deleted', deleted: true })
    changeRecord(join(folderOf(second()), 'workload_db'), { deleted: 1 })
    const third = workloads[2]!
    changeRecord(join(folderOf(third), 'workload_db'), { encryption: 1, secret_uuid: 'secret' })
    const { imported, skipped } = await importAll()
    assert.deepEqual([imported.length, skipped], [2, [{ id: second().id, reason: 'is deleted' }]])
    const deleted = snapshotsOf(first()).find(({ isDeleted }) => isDeleted)
    assert.deepEqual([deleted?.id, deleted?.status], [first().snapshots[0]?.id, 'deleted'])
    const { isEncrypted, secretId } = site.manager.store.workloads.find({ id: third.id }) ?? {}
    assert.deepEqual([isEncrypted, secretId], [true, 'secret'])
  })

  it('leaves out a snapshot that cannot be read, and reports it', async () => {
    writeFileSync(recordOf(first(), 1), 'x')
    const { imported } = await importAll()
    const one = imported.find(({ id }) => id === first().id)
    assert.deepEqual([one?.snapshotCount, one?.skipped.length], [2, 1])
    assert.equal(snapshotsOf(first()).length, 2)
  })

  it('leaves a snapshot to its workload, whatever another one has in its folder', async () => {
    const [own] = first().snapshots
    cpSync(join(folderOf(first()), `snapshot_${own?.id}`), join(folderOf(second()), `snapshot_${own?.id}`), {
      recursive: true,
    })
    const outcome = await importWorkloads(site.manager, [second().id], noJob())
    assert.deepEqual(
      outcome.imported.map(({ snapshotCount, skipped }) => [snapshotCount, skipped.map(({ message }) => message)]),
      [[3, [`is a snapshot of workload ${first().id}`]]],
    )
    // The same with a record that lies.
    changeRecord(join(folderOf(first()), `snapshot_${own?.id}`, 'snapshot_db'), { workload_id: null })
    const lie = join(folderOf(workloads[2]!), `snapshot_${own?.id}`)
    cpSync(join(folderOf(first()), `snapshot_${own?.id}`), lie, { recursive: true })
    await importWorkloads(site.manager, [first().id], noJob())
    const { imported } = await importWorkloads(site.manager, [workloads[2]!.id], noJob())
    assert.deepEqual(
      imported[0]?.skipped.map(({ path, message }) => [path, message]),
      [[lie, 'another workload in the database has a snapshot of this id']],
    )
    assert.equal(site.manager.store.snapshots.find({ id: own?.id ?? '' })?.workloadId, first().id)
  })

  it('reads a target whose mount path is a link, as some base directories are', async () => {
    const link = `${target}-link`
    symlinkSync(target, link)
    const linked = makeSite({ targets: [link], cloud: cloudOf(workloads) })
    assert.equal((await importAll(linked.manager)).imported.length, 3)
  })

  it('takes a workload that is on two targets from the default one', async () => {
    const two = makeSite({ targets: [target, model], cloud: cloudOf(workloads) })
    const { imported, skipped } = await importAll(two.manager)
    assert.deepEqual([...new Set(imported.map((one) => one.target))], ['target-1'])
    assert.deepEqual(
      skipped.map(({ reason }) => reason),
      Array(3).fill('is already in the database, from backup target target-1'),
    )
  })
})

describe('job of an import', () => {
  const options = () => workloadProgram(site.configFile)

  it('imports in a process of its own, and has the outcome as its result', async () => {
    const { id, status } = await startImport(site.manager, [first().id], options())
    assert.equal(status, 'executing')
    const job = await waitForJob(site.manager.store, id, { deadlineMs: 120_000 })
    assert.deepEqual([job.status, job.errorText], ['available', undefined])
    assert.deepEqual(idsIn((job.result as ImportOutcome).imported), [first().id])
    assert.ok(site.manager.store.workloads.find({ id: first().id }))
    await assert.rejects(startImport(site.manager, ['x'], options()), /"x" is not the id of a workload/)
  })

  /** Starts an import that gets stuck, which holds the lease of its target. Returns the job. */
  async function stuckImport(): Promise<{ readonly id: string; readonly pid: number }> {
    const folder = scratch('import')
    const empty = emptyFolder(join(folder, 'empty'))
    emptyFolder(join(empty, 'contego_tasks'))
    site = makeSite({ targets: [empty, target], cloud: cloudOf(workloads), version: '6.1.4', site: 'upstream' })
    const { store } = site.manager
    const { id } = await startImport(site.manager, undefined, options())
    await waitForText(() => store.jobs.find({ id })?.progressText ?? '', /documented issue of 6\.x/)
    return { id, pid: (findJob(store, id).worker as { readonly pid: number }).pid }
  }

  it('gets stuck in 6.x for a target that is not the default, and can be cancelled', async () => {
    const { id } = await stuckImport()
    const { store } = site.manager
    assert.equal((await waitForJob(store, id, { deadlineMs: 0 })).status, 'executing')
    assert.equal((await cancelJob(store, id)).status, 'cancelled')
    assert.deepEqual(store.workloads.list(), [])
    const fixed = makeSite({ targets: [target], cloud: cloudOf(workloads), version: '4.3' })
    assert.equal((await importAll(fixed.manager)).imported.length, 3)
  })

  it('keeps another site from importing the same target at the same time, and names itself', async () => {
    const { id } = await stuckImport()
    const other = makeSite({ targets: [target], cloud: cloudOf(workloads), site: 'recovery' })
    await assert.rejects(importAll(other.manager), {
      code: 'target-busy',
      message: `backup target target-1 is in use by site "upstream", job ${id}`,
    })
    assert.deepEqual(other.manager.store.workloads.list(), [])
    await cancelJob(site.manager.store, id)
    assert.equal((await importAll(other.manager)).imported.length, 3)
  })

  it('waits for another job of its own site, and can be cancelled meanwhile', async () => {
    const { id } = await stuckImport()
    const { manager, config } = site
    const next = await startImport(manager, [first().id], options())
    const log = () => readFileSync(join(config.stateDirectory, 'jobs', `${next.id}.log`), 'utf8')
    await waitForText(log, new RegExp(`^waiting for job ${id}, which changes backup target target-2$`, 'm'))
    assert.equal((await cancelJob(manager.store, next.id)).status, 'cancelled')
    using own = openManager({ ...config, version: '4.3' })
    const waiting = importAll(own)
    await cancelJob(manager.store, id)
    assert.equal((await waiting).imported.length, 3)
  })

  it('that is killed keeps other sites out for a minute, and not its own', async () => {
    const { id, pid } = await stuckImport()
    process.kill(pid, 'SIGKILL')
    const job = await waitForJob(site.manager.store, id, { deadlineMs: 120_000 })
    assert.deepEqual([job.status, job.errorText], ['error', 'interrupted'])
    const other = makeSite({ targets: [target], cloud: cloudOf(workloads), site: 'recovery' })
    await assert.rejects(importAll(other.manager), { code: 'target-busy' })
    const { config } = site
    using own = openManager({ ...config, version: '4.3' })
    assert.equal((await importAll(own)).imported.length, 3)
    assert.equal((await importAll(other.manager)).imported.length, 3)
  })

  it('that is killed at any of its writes is an error, and the next one finishes it', {
    skip: cannotTrace(),
  }, async () => {
    const upTo = (last: number, step = 1) => Array.from({ length: Math.ceil(last / step) }, (_, nth) => 1 + nth * step)
    const small = join(scratch('import'), 'small')
    const [only] = await makeTarget(small, { workloads: 1, snapshots: 2 })
    const id = only?.id ?? ''
    for (const path of Object.keys(recordsIn(small, id)))
      changeRecord(join(small, path), { metadata: [{ key: 'backup_media_target', value: 'old' }] })
    let killed = 0
    const kills = { fsync: upTo(7), rename: upTo(3), pwrite64: upTo(30, 8) }
    for (const [call, when] of Object.entries(kills).flatMap(([name, all]) => all.map((nth) => [name, nth] as const))) {
      target = join(scratch('import'), 'target')
      cpSync(small, target, { recursive: true })
      site = makeSite({ targets: [target], cloud: cloudOf(only ? [only] : []) })
      const { store } = site.manager
      const { program, environment } = options()
      const inject = ['-e', `trace=${call}`, '-e', `inject=${call}:signal=KILL:when=${when}`]
      const traced = ['/usr/bin/strace', '-f', '-qq', '-o', '/dev/null', ...inject, ...program]
      const job = await startImport(site.manager, [id], {
        program: traced,
        environment: { ...environment, UV_THREADPOOL_SIZE: '1' },
      })
      const at = `killed at ${call} ${when}`
      const { status, errorText } = await waitForJob(store, job.id, { deadlineMs: 60_000 })
      if (status === 'error') killed++
      if (status === 'error') assert.equal(errorText, 'interrupted', at)
      else assert.equal(status, 'available', at)
      const { failed } = await importAll()
      assert.deepEqual(failed, [], at)
      const endpoints = Object.values(recordsIn(target, id)).map(({ metadata }) => metadata)
      assert.deepEqual(endpoints, Array(3).fill([{ key: 'backup_media_target', value: '10.0.0.1:/recovery' }]), at)
      assert.equal(store.snapshots.count({ workloadId: id }), 2, at)
      const left = readdirSync(target, { recursive: true, encoding: 'utf8' }).filter((path) => /(^|\/)\./.test(path))
      assert.deepEqual(left, [], at)
    }
    assert.ok(killed >= 9, `only ${killed} were killed`)
  })
})

async function waitForText(read: () => string, pattern: RegExp): Promise<void> {
  await until(`${pattern}`, async () => (pattern.test(read()) ? true : undefined), { deadlineMs: 120_000 })
}
