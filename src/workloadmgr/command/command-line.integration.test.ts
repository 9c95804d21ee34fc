import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { PlannedWorkload } from '../../generate/target-plan.ts'
import {
  cloudOf,
  type ManagedSite,
  makeSite,
  makeTarget,
  ownersIn,
  removeFixtures,
  scratch,
} from '../manager.fixture.ts'

after(removeFixtures)

const bin = join(import.meta.dirname, '../bin.ts')

describe('the command line of the workload manager', () => {
  let target: string
  let workloads: readonly PlannedWorkload[]
  let site: ManagedSite
  const run = (args: readonly string[], environment: Readonly<Record<string, string>> = {}, of = site) => {
    const { PATH = '', HOME = '' } = process.env
    const env = { PATH, HOME, WORKLOADMGR_CONFIG: of.configFile, ...environment }
    const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], { env, encoding: 'utf8' })
    return { status, stdout, stderr }
  }
  const json = (...args: readonly string[]) => JSON.parse(run([...args, '-f', 'json']).stdout)

  before(async () => {
    target = scratch('command-target')
    workloads = await makeTarget(target, { workloads: '3', snapshots: '2', seed: '7' })
    // The third one belongs to another cloud.
    site = makeSite({ targets: [target], cloud: cloudOf(workloads.slice(0, 2)) })
  })

  it('ends without a stack trace if its reader has read enough', () => {
    const line = `'${process.execPath}' '${bin}' --help | true`
    const { stderr } = spawnSync('sh', ['-c', line], { encoding: 'utf8' })
    assert.doesNotMatch(stderr, /EPIPE|at /)
  })

  it('lists what can be imported, imports it, and lists what failed', () => {
    assert.deepEqual(run(['workload-list']), { status: 0, stdout: '\n', stderr: '' })
    const importable = json('workload-get-importworkloads-list').map((row: { ID: string }) => row.ID)
    assert.deepEqual(
      importable.toSorted(),
      workloads
        .slice(0, 2)
        .map(({ id }) => id)
        .toSorted(),
    )
    const { status, stdout, stderr } = run(['workload-importworkloads', '-f', 'json'])
    const byId = new Map(JSON.parse(stdout).map((row: { ID: string; Status: string }) => [row.ID, row.Status]))
    assert.deepEqual(
      workloads.map(({ id }) => byId.get(id)),
      ['imported', 'imported', 'failed'],
    )
    assert.match(stderr, /^WARNING: workload .* was not imported: project .* does not exist in this cloud/)
    assert.equal(status, 0)
  })

  it('exits with 1 if a workload that was named is not imported', () => {
    const id = workloads[2]?.id ?? ''
    assert.equal(run(['workload-importworkloads', '--workloadids', id]).status, 1)
  })

  it('shows each user only workloads of the own project', () => {
    const as = (user: string, project: string) => ({ OS_USERNAME: user, OS_PROJECT_NAME: project })
    const { status, stdout } = run(['workload-list', '-f', 'value', '-c', 'ID'], as('user-0', 'project-0'))
    assert.deepEqual([status, stdout], [0, `${workloads[0]?.id}\n`])
    const other = run(['workload-show', workloads[1]?.id ?? ''], as('user-0', 'project-0'))
    assert.deepEqual([other.status, other.stderr], [1, `workload ${workloads[1]?.id} does not exist\n`])
    const all = run(['workload-list', '--all', 'True'], as('user-0', 'project-0'))
    assert.deepEqual(
      [all.status, all.stderr],
      [1, 'user user-0 is not an administrator, and cannot list all projects\n'],
    )
    const unknown = run(['workload-list', '--os-username', 'usr-0'], as('user-1', 'project-1'))
    assert.match(unknown.stderr, /^unknown user "usr-0": did you mean user-0\?/)
  })

  it('reassigns by options, and by a map file that it has generated', () => {
    const [project] = site.cloud.people.projects
    const [user] = site.cloud.people.users
    const id = workloads[2]?.id ?? ''
    const { stdout } = run([
      'workload-get-orphaned-workloads-list',
      '--migrate_cloud',
      'True',
      '--generate_yaml',
      'True',
    ])
    const map = join(site.folder, 'map.yaml')
    writeFileSync(map, stdout)
    const empty = run(['workload-reassign-workloads', '--map_file', map])
    assert.match(empty.stderr, /map\.yaml: .*new_tenant_id.* must not be empty/)
    const filled = stdout.replace('new_tenant_id: ""', `new_tenant_id: "${project?.id}"`)
    writeFileSync(map, filled.replace('user_id: ""', `user_id: "${user?.id}"`))
    const done = run(['workload-reassign-workloads', '--map_file', map, '-f', 'value', '-c', 'ID', '-c', 'Status'])
    assert.deepEqual(done, { status: 0, stdout: `${id} reassigned\n`, stderr: '' })
    assert.deepEqual(ownersIn(target, id), [`${project?.id}/${user?.id}`])
    const nothing = run([
      'workload-reassign-workloads',
      '--workload_ids',
      id,
      '--new_tenant_id',
      'f'.repeat(32),
      '--user_id',
      'x',
    ])
    assert.deepEqual(nothing, { status: 0, stdout: '\n', stderr: '' })
  })

  it('creates a workload of an instance that has none, with its records on the target', () => {
    const as = { OS_USERNAME: 'user-0', OS_PROJECT_NAME: 'project-0' }
    const instance = '11111111-2222-4333-8444-555555555555'
    const create = (...args: string[]) =>
      run(['workload-create', '--instance', instance, '--display-name', 'new', ...args], as)
    assert.match(create('--backup-target-type', 'none').stderr, /unknown backup target type "none" \(known: target-1\)/)
    const { status, stdout } = create('--manual', 'retention=30', '-f', 'json')
    assert.equal(status, 0)
    const { id, scheduler } = JSON.parse(stdout)
    assert.equal(scheduler, 'disabled')
    const [project, user] = [site.cloud.people.projects[0]?.id, site.cloud.people.users[0]?.id]
    assert.deepEqual(ownersIn(target, id), [`${project}/${user}`])
    assert.deepEqual(readdirSync(join(target, `workload_${id}`)).toSorted(), ['workload_db', 'workload_vms_db'])
    assert.match(run(['workload-show', id], as).stdout, /retention': '30'/)
    assert.match(create().stderr, new RegExp(`^instance ${instance} belongs to workload ${id}$`, 'm'))
    assert.equal(create('--manual', 'retention=0').status, 2)
  })

  it('adds a backup target, which is offline until it is mounted', () => {
    const create = (...args: string[]) => run(['backup-target-create', '--btt-name', 'second', ...args])
    assert.match(create('--type', 'nfs').stderr, /^--filesystem-export is required for type nfs$/m)
    assert.match(
      create('--type', 's3', '--s3-endpoint-url', 'https://s3.example.org').stderr,
      /--s3-bucket is required/,
    )
    const path = join(site.folder, 'second')
    const made = create('--type', 'nfs', '--filesystem-export', '10.0.0.9:/second', '--mount-path', path)
    assert.deepEqual([made.status, made.stderr], [0, ''])
    const [, second] = json('backup-target-list')
    assert.deepEqual([second.ID, second['Backend Endpoint'], second.Status], ['second', '10.0.0.9:/second', 'offline'])
    assert.match(create('--type', 'nfs', '--filesystem-export', 'x:/y', '--mount-path', '/x').stderr, /second exists/)
  })

  it('exits with 2 for a wrong command line, and with 1 for a wrong value', () => {
    const wrong: readonly (readonly [readonly string[], number, RegExp])[] = [
      [['workload-lsit'], 2, /unknown command 'workload-lsit'\n.*workload-list/],
      [['workload-list', '--all', 'maybe'], 2, /Allowed: True, False/],
      [['workload-list', '-f', 'xml'], 2, /Allowed choices are csv, json, table, value, yaml/],
      [['workload-show'], 2, /missing required argument 'id'/],
      [['workload-list', '-c', 'id'], 1, /^unknown column "id"; known columns: ID, Name, /],
      [['workload-reassign-workloads', '--workload_ids', 'x'], 1, /--new_tenant_id is required/],
      [['workload-reassign-workloads', '--map_file', 'x', '--user_id', 'y'], 1, /cannot be combined with --user_id/],
      [['job-show', 'x'], 1, /^job x does not exist$/m],
    ]
    for (const [args, status, message] of wrong) {
      const result = run(args)
      assert.deepEqual([result.status, result.stdout], [status, ''], args.join(' '))
      assert.match(result.stderr, message)
    }
  })

  it('does nothing without a license, and asks for its agreement', () => {
    const bare = makeSite({ targets: [target], hasLicense: false })
    const refused = run(['workload-list'], {}, bare)
    assert.equal(refused.status, 1)
    assert.match(refused.stderr, /^no license was accepted\n {2}Run: workloadmgr license-create FILE --accept-eula$/m)
    const file = join(bare.folder, 'license')
    writeFileSync(file, 'a license')
    assert.match(run(['license-create', file], {}, bare).stderr, /was not accepted/)
    assert.equal(run(['license-create', file, '--accept-eula'], {}, bare).status, 0)
    assert.equal(run(['workload-list'], {}, bare).status, 0)
  })

  it('reports a failed trust, and exits with 0 as the product does: the proof is an empty list', () => {
    const { status, stderr } = run(['trust-create', '--is_cloud_trust', 'True', 'admin'])
    assert.equal(status, 0)
    assert.match(stderr, /^ERROR: .*\(HTTP 500\)$/m)
    assert.deepEqual(json('trust-list'), [])
    const as = { OS_USERNAME: 'user-0', OS_PROJECT_NAME: 'project-0' }
    assert.equal(run(['trust-create', 'member'], as).status, 0)
    assert.match(run(['trust-list', '-f', 'value', '-c', 'ID'], as).stdout, /^trust-[0-9a-f-]{36}\n$/)
  })

  it('imports in a job from version 4.3 on', async () => {
    const modern = makeSite({ targets: [target], cloud: cloudOf(workloads.slice(0, 2)), version: '4.3' })
    const { stdout } = run(['workload-importworkloads', '-f', 'json'], {}, modern)
    const { job_id: id, status } = JSON.parse(stdout)
    assert.equal(status, 'executing')
    const show = () => JSON.parse(run(['job-show', id, '-f', 'json'], {}, modern).stdout)
    for (let tries = 0; show().status === 'executing' && tries < 60; tries++) await delay(250)
    assert.equal(show().status, 'available')
    // Other tests may have created workloads of this cloud on the same target.
    const listed = run(['workload-list', '--all', 'True', '-f', 'value', '-c', 'ID'], {}, modern).stdout.split('\n')
    for (const workload of workloads.slice(0, 2)) assert.ok(listed.includes(workload.id), workload.id)
  })
})
