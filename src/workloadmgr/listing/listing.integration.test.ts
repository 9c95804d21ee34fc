import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import type { PlannedWorkload } from '../../generate/target-plan.ts'
import { importWorkloads } from '../import/import-workloads.ts'
import {
  changeRecord,
  cloudOf,
  type ManagedSite,
  makeSite,
  makeTarget,
  noJob,
  removeFixtures,
  scratch,
} from '../manager.fixture.ts'
import { listWorkloads, showWorkload } from './known-workloads.ts'
import { listImportable } from './list-importable.ts'
import { listOrphans } from './list-orphans.ts'
import { mapFileText } from './map-file.ts'
import type { WorkloadListing } from './workload-listing.ts'

after(removeFixtures)
const model = join(scratch('listing'), 'model')
let workloads: readonly PlannedWorkload[] = []
let target = ''
/** A site with the owners of all workloads but the first one. */
let site: ManagedSite
const [first, second] = [() => workloads[0]!, () => workloads[1]!]

before(async () => {
  workloads = await makeTarget(model, { workloads: 4, snapshots: 2 })
})
beforeEach(() => {
  target = join(scratch('listing'), 'target')
  cpSync(model, target, { recursive: true })
  site = makeSite({ targets: [target], cloud: cloudOf(workloads.slice(1)) })
})

const namesIn = ({ workloads: listed }: WorkloadListing) => listed.map(({ name }) => name).toSorted()
const folderOf = ({ id }: PlannedWorkload) => join(target, `workload_${id}`)
const remove = (what: 'projects' | 'users', id: string) =>
  changeRecord(site.config.cloudFile, (cloud) => {
    const people = cloud['people'] as Record<string, { id: string }[]>
    people[what] = people[what]?.filter((one) => one.id !== id) ?? []
  })

describe('list of importable workloads', () => {
  it('has those of this cloud that are not in the database, with their snapshots', async () => {
    const listing = await listImportable(site.manager)
    assert.deepEqual(namesIn(listing), ['workload-2', 'workload-3', 'workload-4'])
    assert.deepEqual(
      listing.workloads.map(({ snapshotCount, ownership, target: where }) => [snapshotCount, ownership, where]),
      Array(3).fill([2, 'whole', 'target-1']),
    )
    assert.deepEqual([listing.skipped, listing.unreadTargets, listing.issue], [[], [], undefined])
    await importWorkloads(site.manager, [second().id], noJob())
    assert.deepEqual(namesIn(await listImportable(site.manager)), ['workload-3', 'workload-4'])
  })

  it('has those of one project on request', async () => {
    const { projectId } = second()
    assert.deepEqual(namesIn(await listImportable(site.manager, { projectId })), ['workload-2'])
    assert.deepEqual(namesIn(await listImportable(site.manager, { projectId: first().projectId })), [])
  })

  it('is wrong without a project in 6.x, and names the documented issue', async () => {
    const six = makeSite({ targets: [target], cloud: cloudOf(workloads.slice(1)), version: '6.1' })
    const listing = await listImportable(six.manager)
    assert.equal(listing.workloads.length, 4)
    assert.match(listing.issue ?? '', /documented issue of 6\.x/)
    const { projectId } = second()
    const right = await listImportable(six.manager, { projectId })
    assert.deepEqual([namesIn(right), right.issue], [['workload-2'], undefined])
  })

  it('needs a license', async () => {
    const { manager } = makeSite({ targets: [target], hasLicense: false })
    const calls = [
      () => listImportable(manager),
      () => listOrphans(manager, { migrateCloud: true }),
      () => listWorkloads(manager),
      () => showWorkload(manager, first().id),
      () => importWorkloads(manager, undefined, noJob()),
    ]
    for (const call of calls) await assert.rejects(call(), { message: 'no license was accepted' })
  })
})

describe('list of orphans', () => {
  it('has those of the database whose project or user does not exist', async () => {
    await importWorkloads(site.manager, undefined, noJob())
    assert.deepEqual(namesIn(await listOrphans(site.manager, { migrateCloud: false })), [])
    remove('projects', second().projectId)
    remove('users', workloads[2]!.userId)
    assert.deepEqual(namesIn(await listOrphans(site.manager, { migrateCloud: false })), ['workload-2', 'workload-3'])
    const { projectId } = second()
    assert.deepEqual(namesIn(await listOrphans(site.manager, { migrateCloud: false, projectId })), ['workload-2'])
  })

  it('has, with migrate_cloud, those of all targets whose project is unknown or whose owner is not in it', async () => {
    const orphans = (projectId?: string) =>
      listOrphans(site.manager, { migrateCloud: true, ...(projectId !== undefined && { projectId }) })
    assert.deepEqual(namesIn(await orphans()), ['workload-1'])
    // The user exists, and has no role in the project any more.
    changeRecord(site.config.cloudFile, (cloud) => {
      const people = cloud['people'] as { assignments: { projectId: string }[] }
      people.assignments = people.assignments.filter((one) => one.projectId !== second().projectId)
    })
    assert.deepEqual(namesIn(await orphans()), ['workload-1', 'workload-2'])
    assert.deepEqual(namesIn(await orphans(second().projectId)), ['workload-2'])
  })

  it('has an interrupted reassignment as mixed, and snapshots that cannot be read as unknown', async () => {
    const snapshots = first().snapshots.map(({ id }) => join(folderOf(first()), `snapshot_${id}`, 'snapshot_db'))
    const states = async () => {
      const { workloads: listed, skipped } = await listOrphans(site.manager, { migrateCloud: true })
      return [listed[0]?.ownership, skipped.length]
    }
    assert.deepEqual(await states(), ['whole', 0])
    writeFileSync(snapshots[1] ?? '', '{"id": ')
    assert.deepEqual(await states(), ['unknown', 1])
    changeRecord(snapshots[0] ?? '', { user_id: 'another' })
    assert.deepEqual(await states(), ['mixed', 1])
  })

  it('becomes a map file that YAML reads, whatever the names are', async () => {
    changeRecord(join(folderOf(first()), 'workload_db'), {
      display_name: 'evil\n- "name": \u001b[2J # x',
    })
    const listing = await listOrphans(site.manager, { migrateCloud: true })
    const text = mapFileText(listing, true)
    assert.equal(text.split('\n').length, 8)
    assert.ok(!text.includes('\u001b'))
    assert.match(text, new RegExp(`workload_ids:\\n {2}- "${first().id}" {2}# evil`))
    assert.equal(mapFileText({ workloads: [] }, false), 'reassign_mappings: []\n')
  })

  it('names a target that cannot be read, and lists the others', async () => {
    const missing = makeSite({ targets: [join(target, 'missing'), target] })
    const listing = await listOrphans(missing.manager, { migrateCloud: true })
    assert.equal(listing.workloads.length, 4)
    assert.deepEqual(
      listing.unreadTargets.map(({ name }) => name),
      ['target-1'],
    )
    assert.match(listing.unreadTargets[0]?.problem ?? '', /No such file or directory/)
  })
})

describe('hostile records', () => {
  const hostile: readonly (readonly [string, (path: string) => void, RegExp])[] = [
    ['broken', (path) => writeFileSync(path, '{"id": "x", '), /not JSON: end of text/],
    ['empty', (path) => writeFileSync(path, ''), /not JSON: end of text/],
    ['a list', (path) => writeFileSync(path, '[]'), /must be an object/],
    ['huge', (path) => writeFileSync(path, Buffer.alloc(9 * 2 ** 20, ' ')), /9437184 bytes: too long for a record/],
    ['deeply nested', (path) => writeFileSync(path, '['.repeat(100_000)), /nested more than 100 levels deep/],
    ['of another workload', (path) => changeRecord(path, { id: 'other' }), /is the record of workload other/],
    [
      'a symbolic link',
      (path) => {
        rmSync(path)
        symlinkSync('/etc/passwd', path)
      },
      /ELOOP/,
    ],
    [
      'a folder',
      (path) => {
        rmSync(path)
        mkdirSync(path)
      },
      /not a regular file/,
    ],
    [
      'a named pipe',
      (path) => {
        rmSync(path)
        execFileSync('mkfifo', [path])
      },
      /not a regular file/,
    ],
    ['absent', (path) => rmSync(path), /ENOENT/],
  ]
  for (const [what, damage, message] of hostile)
    it(`cost only themselves: one that is ${what} is skipped, counted and in the log`, async () => {
      damage(join(folderOf(first()), 'workload_db'))
      const { manager } = makeSite({ targets: [target] })
      const listing = await listOrphans(manager, { migrateCloud: true })
      assert.equal(listing.workloads.length, 3)
      assert.equal(listing.skipped.length, 1)
      assert.match(listing.skipped[0]?.message ?? '', message)
      const log = readFileSync(join(manager.config.stateDirectory, 'workloadmgr.log'), 'utf8')
      assert.match(log, /WARNING skipped .*workload_db: /)
    })

  it('cost only themselves: a workload folder that is a link or a file is not followed', async () => {
    renameSync(folderOf(first()), join(target, 'elsewhere'))
    symlinkSync(join(target, 'elsewhere'), folderOf(first()))
    rmSync(folderOf(second()), { recursive: true })
    writeFileSync(folderOf(second()), '')
    const listing = await listOrphans(makeSite({ targets: [target] }).manager, { migrateCloud: true })
    assert.deepEqual(namesIn(listing), ['workload-3', 'workload-4'])
    assert.deepEqual(
      listing.skipped.map(({ message }) => message),
      ['not a folder', 'not a folder'],
    )
  })

  it('with fields of wrong types have no owner, and are orphans', async () => {
    changeRecord(join(folderOf(second()), 'workload_db'), (record) => {
      for (const name of ['user_id', 'project_id', 'display_name', 'metadata']) record[name] = { toString: [7] }
    })
    const listing = await listOrphans(site.manager, { migrateCloud: true })
    assert.deepEqual(namesIn(listing), ['', 'workload-1'])
    assert.equal(listing.workloads.find(({ id }) => id === second().id)?.projectId, undefined)
  })
})

describe('workloads in the database', () => {
  it('are listed by project, and no workload is not an error', async () => {
    await importWorkloads(site.manager, undefined, noJob())
    assert.deepEqual(namesIn(await listWorkloads(site.manager)), ['workload-2', 'workload-3', 'workload-4'])
    assert.deepEqual(namesIn(await listWorkloads(site.manager, { projectId: second().projectId })), ['workload-2'])
    assert.deepEqual(namesIn(await listWorkloads(site.manager, { projectId: 'none' })), [])
  })

  it('are shown with snapshots and instances, to their project only', async () => {
    await importWorkloads(site.manager, undefined, noJob())
    const { id, projectId } = second()
    const shown = await showWorkload(site.manager, id, projectId)
    assert.deepEqual(
      [shown.workload.name, shown.snapshots.length, shown.instances.map(({ name }) => name), shown.ownership],
      ['workload-2', 2, second().vms.map(({ name }) => name), 'whole'],
    )
    await assert.rejects(showWorkload(site.manager, id, 'another'), /does not exist/)
    await assert.rejects(showWorkload(site.manager, first().id), /does not exist/)
  })

  it('are mixed if their records name another owner than the database, and unknown if the target is offline', async () => {
    await importWorkloads(site.manager, undefined, noJob())
    const { id } = second()
    changeRecord(join(folderOf(second()), 'workload_db'), { user_id: 'another' })
    assert.equal((await showWorkload(site.manager, id)).ownership, 'mixed')
    renameSync(target, `${target}-gone`)
    const shown = await showWorkload(site.manager, id)
    assert.equal(shown.ownership, 'unknown')
    assert.match(shown.problem ?? '', /No such file/)
    assert.equal((await listWorkloads(site.manager)).workloads.length, 3)
  })
})
