import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { contentsOf } from '../../generate/target.fixture.ts'
import type { PlannedWorkload } from '../../generate/target-plan.ts'
import type { CloudInput } from '../../identity/cloud-schema.ts'
import { keystoneIdFrom, uuidFrom } from '../../target/layout.ts'
import { importWorkloads } from '../import/import-workloads.ts'
import { showWorkload } from '../listing/known-workloads.ts'
import { listOrphans } from '../listing/list-orphans.ts'
import {
  cannotTrace,
  changeRecord,
  cloudOf,
  type ManagedSite,
  makeSite,
  makeTarget,
  noJob,
  ownersIn,
  recordsIn,
  removeFixtures,
  scratch,
  workloadProgram,
} from '../manager.fixture.ts'
import { type ReassignOutcome, reassignWorkloads } from './reassign-workloads.ts'
import type { Reassignment } from './reassignment.ts'

after(removeFixtures)
const model = join(scratch('reassign'), 'model')
let workloads: readonly PlannedWorkload[] = []
let target = ''
/** The recovery site: another cloud, without the owners of the workloads. */
let site: ManagedSite
const [first, second] = [() => workloads[0]!, () => workloads[1]!]
const shop = keystoneIdFrom('shop')
const [alice, bob, carol] = ['alice', 'bob', 'carol'].map(keystoneIdFrom) as [string, string, string]
const recovery: CloudInput = {
  projects: [
    { name: 'shop', id: shop },
    { name: 'other', id: keystoneIdFrom('other') },
  ],
  users: [
    { name: 'alice', id: alice, roles: { shop: ['Member'], other: ['Member'] } },
    { name: 'bob', id: bob, roles: { other: ['member'] } },
    { name: 'carol', id: carol, roles: { shop: ['reader'] } },
  ],
}

before(async () => {
  workloads = await makeTarget(model, { workloads: 3, snapshots: 3 })
})
beforeEach(() => {
  target = join(scratch('reassign'), 'target')
  cpSync(model, target, { recursive: true })
  site = makeSite({ targets: [target], cloud: recovery })
})

const toAlice = (change: Partial<Reassignment> = {}): Reassignment => ({
  oldProjectIds: [],
  workloadIds: [first().id],
  newProjectId: shop,
  userId: alice,
  migrateCloud: true,
  ...change,
})
const reassign = (...requests: readonly Reassignment[]) => reassignWorkloads(site.manager, requests)
const folderOf = ({ id }: PlannedWorkload) => join(target, `workload_${id}`)

describe('reassignment', () => {
  it('gives a workload of another cloud to a new owner: in all of its records, and then in the database', async () => {
    const before = contentsOf(target)
    const outcome = await reassign(toAlice())
    assert.deepEqual(
      outcome.reassigned.map((one) => [one.id, one.recordCount, one.unreadable, one.isScheduleDisabled]),
      [[first().id, 4, [], true]],
    )
    assert.deepEqual([outcome.failed, outcome.imported?.imported.map(({ id }) => id)], [[], [first().id]])
    assert.deepEqual(ownersIn(target, first().id), [`${shop}/${alice}`])
    const shown = await showWorkload(site.manager, first().id, shop)
    assert.deepEqual(
      [shown.workload.userId, shown.workload.isScheduled, shown.ownership, shown.snapshots.map((one) => one.userId)],
      [alice, false, 'whole', Array(3).fill(alice)],
    )
    const after = contentsOf(target)
    const changed = Object.keys(after).filter((path) => after[path] !== before[path])
    assert.deepEqual(changed.toSorted(), Object.keys(recordsIn(target, first().id)).toSorted())
    assert.deepEqual(Object.keys(after), Object.keys(before))
  })

  it('changes the owner and the schedule only, and keeps every other byte of a record', async () => {
    const own = join(folderOf(first()), 'workload_db')
    const text = `{ "unknown": 12345678901234567890, "user_id":"u",\t"tenant_id": "old",
  "jobschedule": "{'enabled': True, 'note': \\"'enabled': True\\"}", "id": "${first().id}" }\n`
    writeFileSync(own, text)
    await reassign(toAlice())
    assert.equal(
      readFileSync(own, 'utf8'),
      text.replace('"u"', `"${alice}"`).replace('"old"', `"${shop}"`).replace('True', 'False'),
    )
  })

  it('takes all workloads of old projects, on the storage only with migrate_cloud', async () => {
    const request = { workloadIds: [], oldProjectIds: [first().projectId, second().projectId] }
    const none = await reassign(toAlice({ ...request, migrateCloud: false }))
    assert.deepEqual([none.reassigned, none.failed, none.imported], [[], [], undefined])
    const { reassigned } = await reassign(toAlice(request))
    assert.deepEqual(reassigned.map(({ id }) => id).toSorted(), [first().id, second().id].toSorted())
    assert.deepEqual(ownersIn(target, workloads[2]!.id), [`${workloads[2]!.projectId}/${workloads[2]!.userId}`])
  })

  it('takes workloads of the database without migrate_cloud, by id and by project', async () => {
    site = makeSite({
      targets: [target],
      cloud: {
        projects: [...(recovery.projects ?? []), ...(cloudOf(workloads).projects ?? [])],
        users: [...(recovery.users ?? []), ...(cloudOf(workloads).users ?? [])],
      },
    })
    await importWorkloads(site.manager, undefined, noJob())
    const byId = await reassign(toAlice({ migrateCloud: false }))
    assert.deepEqual([byId.reassigned.length, byId.imported], [1, undefined])
    const byProject = toAlice({ migrateCloud: false, workloadIds: [], oldProjectIds: [second().projectId] })
    assert.deepEqual(
      (await reassign(byProject)).reassigned.map(({ id }) => id),
      [second().id],
    )
    for (const { id } of [first(), second()]) {
      assert.deepEqual(ownersIn(target, id), [`${shop}/${alice}`])
      assert.deepEqual(site.manager.store.workloads.find({ id })?.projectId, shop)
    }
  })

  it('to an unknown project silently does nothing', async () => {
    const before = contentsOf(target)
    const outcome = await reassign(toAlice({ newProjectId: keystoneIdFrom('nowhere') }))
    assert.deepEqual(outcome, { reassigned: [], failed: [] })
    assert.deepEqual(contentsOf(target), before)
    assert.match(
      readFileSync(join(site.config.stateDirectory, 'workloadmgr.log'), 'utf8'),
      /INFO nothing is reassigned/,
    )
  })

  const wrong: readonly (readonly [string, () => readonly Reassignment[], RegExp])[] = [
    ['for a user who is not in the project', () => [toAlice({ userId: bob })], /^user not found: /],
    ['for a user who does not exist', () => [toAlice({ userId: 'x' })], /^user not found: x /],
    ['for a user without the trustee role', () => [toAlice({ userId: carol })], /^role not found: .* role member /],
    [
      'for workloads that are not in the database, without migrate_cloud',
      () => [toAlice({ migrateCloud: false })],
      /^not in the database: workload /,
    ],
    [
      'for a workload on no target',
      () => [toAlice({ workloadIds: [uuidFrom('x')] })],
      /is on no backup target: target-1/,
    ],
    ['for a text that is not an id', () => [toAlice({ workloadIds: ['../x'] })], /"\.\.\/x" is not the id/],
    ['without workloads and projects', () => [toAlice({ workloadIds: [] })], /neither workloads nor old projects/],
    ['for a workload in two requests', () => [toAlice(), toAlice()], /is in two entries/],
    [
      'if only the second request is wrong',
      () => [toAlice(), toAlice({ workloadIds: [second().id], userId: bob })],
      /^user not found/,
    ],
  ]
  for (const [what, requests, message] of wrong)
    it(`is an error ${what}, and changes nothing`, async () => {
      const before = contentsOf(target)
      await assert.rejects(reassign(...requests()), { name: 'InputError', message })
      assert.deepEqual(contentsOf(target), before)
      assert.deepEqual(site.manager.store.workloads.list(), [])
    })

  it('is an error for a workload whose record cannot be read', async () => {
    writeFileSync(join(folderOf(first()), 'workload_db'), '{')
    await assert.rejects(reassign(toAlice()), /cannot be read: .*workload_db: not JSON/)
  })

  it('is an error while a target that may have the workloads is offline', async () => {
    site = makeSite({ targets: [target, `${target}-gone`], cloud: recovery })
    await assert.rejects(reassign(toAlice()), {
      code: 'target-offline',
      message: /target-2 is offline: .*No such file/,
    })
  })

  it('leaves snapshots that cannot be read, and reports them', async () => {
    const path = join(folderOf(first()), `snapshot_${first().snapshots[1]?.id}`, 'snapshot_db')
    writeFileSync(path, '{"id": ')
    const { reassigned } = await reassign(toAlice())
    assert.deepEqual(
      reassigned.map(({ recordCount, unreadable }) => [recordCount, unreadable.map((one) => one.path)]),
      [[3, [path]]],
    )
    assert.equal(readFileSync(path, 'utf8'), '{"id": ')
    assert.equal((await showWorkload(site.manager, first().id)).ownership, 'unknown')
  })

  it('reports a schedule that it does not understand', async () => {
    changeRecord(join(folderOf(first()), 'workload_db'), { jobschedule: '(dp0\nVenabled\np1\nI01\ns.' })
    const { reassigned } = await reassign(toAlice())
    assert.equal(reassigned[0]?.isScheduleDisabled, false)
  })

  it('is refused for a workload of which a snapshot is being taken', async () => {
    await reassign(toAlice())
    const [row] = site.manager.store.snapshots.list({ workloadId: first().id })
    assert.ok(row)
    site.manager.store.snapshots.change({ id: row.id }, { status: 'executing' })
    const { failed } = await reassign(toAlice({ newProjectId: keystoneIdFrom('other') }))
    assert.match(failed[0]?.error ?? '', /is being taken/)
    assert.deepEqual(ownersIn(target, first().id), [`${shop}/${alice}`])
  })
})

const run = promisify(execFile)

/** Runs the reassignment in a process of its own. Returns its outcome; undefined if it was killed. */
async function inProcess(
  requests: readonly Reassignment[],
  prefix: readonly string[] = [],
  added: NodeJS.ProcessEnv = {},
): Promise<ReassignOutcome | undefined> {
  const { program, environment } = workloadProgram(site.configFile)
  const [file = '', ...args] = [...prefix, ...program, 'reassign', JSON.stringify(requests)]
  try {
    const { stdout } = await run(file, args, { env: { ...environment, ...added }, encoding: 'utf8' })
    return JSON.parse(stdout) as ReassignOutcome
  } catch (error) {
    const { signal, code, stderr } = error as { signal?: string; code?: number; stderr?: string }
    if (signal === 'SIGKILL' || code === 137) return undefined
    throw new Error(`exit code ${code}: ${stderr}`)
  }
}

describe('reassignment on a read-only replica', () => {
  it('fails, and reports what was and was not changed', async () => {
    const script = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && shift && exec "$@"'
    const prefix = ['unshare', '--mount', '--map-root-user', '--user', 'sh', '-c', script, 'sh', target]
    const before = contentsOf(target)
    const outcome = await inProcess([toAlice()], prefix)
    assert.deepEqual(outcome?.reassigned, [])
    const [failed] = outcome?.failed ?? []
    assert.match(failed?.error ?? '', /EROFS: read-only file system/)
    assert.deepEqual([failed?.changed, failed?.unchanged.length], [[], 4])
    assert.deepEqual(contentsOf(target), before)
  })

  it('of one folder only reports the records before it as changed, and listing shows the workload as mixed', async () => {
    // The last snapshot cannot be written: its folder is read-only.
    const last =
      readdirSync(folderOf(first()))
        .filter((name) => name.startsWith('snapshot_'))
        .at(-1) ?? ''
    const script = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && shift && exec "$@"'
    const folder = join(folderOf(first()), last)
    const prefix = ['unshare', '--mount', '--map-root-user', '--user', 'sh', '-c', script, 'sh', folder]
    const outcome = await inProcess([toAlice()], prefix)
    const [failed] = outcome?.failed ?? []
    assert.deepEqual([failed?.changed.length, failed?.unchanged.length], [2, 2])
    assert.deepEqual(failed?.unchanged, [join(folder, 'snapshot_db'), join(folderOf(first()), 'workload_db')])
    const { workloads: listed } = await listOrphans(site.manager, { migrateCloud: true })
    assert.equal(listed.find(({ id }) => id === first().id)?.ownership, 'mixed')
    // Once it can be written, the same request finishes.
    const again = await reassign(toAlice())
    assert.deepEqual([again.reassigned.length, again.failed], [1, []])
    assert.deepEqual(ownersIn(target, first().id), [`${shop}/${alice}`])
  })
})

describe('killed reassignment', () => {
  it('at any of its writes is shown as such, and finished by the same request', { skip: cannotTrace() }, async () => {
    const small = join(scratch('reassign'), 'small')
    const both = await makeTarget(small, { workloads: 2, snapshots: 2 })
    const request = toAlice({ workloadIds: [], oldProjectIds: both.map(({ projectId }) => projectId) })
    const upTo = (last: number, step = 1) => Array.from({ length: Math.ceil(last / step) }, (_, nth) => 1 + nth * step)
    // The records are written by one thread, in which each call is counted; those of the database by another one.
    const kills = { fsync: upTo(14), rename: upTo(6), unlink: upTo(2), pwrite64: upTo(40, 6), fdatasync: upTo(12, 4) }
    const environment = { UV_THREADPOOL_SIZE: '1' }
    let killed = 0
    const states = new Set<string>()
    for (const [call, when] of Object.entries(kills).flatMap(([name, all]) => all.map((nth) => [name, nth] as const))) {
      target = join(scratch('reassign'), 'target')
      cpSync(small, target, { recursive: true })
      site = makeSite({ targets: [target], cloud: recovery })
      const inject = ['-e', `trace=${call}`, '-e', `inject=${call}:signal=KILL:when=${when}`]
      const outcome = await inProcess([request], ['strace', '-f', '-qq', '-o', '/dev/null', ...inject], environment)
      if (outcome === undefined) killed++
      const at = `killed at ${call} ${when}`
      const { manager } = site
      // Each record is of one version, and a workload whose records differ is listed as mixed.
      const { workloads: listed, skipped } = await listOrphans(manager, { migrateCloud: true })
      assert.deepEqual(skipped, [], at)
      for (const { id } of both) {
        const owners = ownersIn(target, id)
        const shown = listed.find((workload) => workload.id === id)?.ownership
        states.add(`${owners.length} ${shown}`)
        if (owners.length > 1) assert.equal(shown, 'mixed', at)
      }
      const again = await reassign(request)
      assert.deepEqual(again.failed, [], at)
      for (const { id } of both) {
        assert.deepEqual(ownersIn(target, id), [`${shop}/${alice}`], at)
        assert.equal((await showWorkload(manager, id, shop)).ownership, 'whole', at)
        assert.equal(manager.store.snapshots.count({ workloadId: id, userId: alice }), 2, at)
      }
      const left = readdirSync(target, { recursive: true, encoding: 'utf8' }).filter((path) => /(^|\/)\./.test(path))
      assert.deepEqual(left, [], at)
      assert.equal(manager.store.jobs.count({ status: 'executing' }), 0, at)
    }
    assert.ok(killed >= 25, `only ${killed} were killed`)
    assert.deepEqual([...states].toSorted(), ['1 undefined', '1 whole', '2 mixed'])
  })
})
