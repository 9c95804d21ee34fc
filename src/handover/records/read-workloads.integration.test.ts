import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { contentsOf } from '../../generate/target.fixture.ts'
import type { PlannedWorkload } from '../../generate/target-plan.ts'
import { changeRecord, makeTarget, removeFixtures, scratch } from '../../workloadmgr/manager.fixture.ts'
import { type OwnedWorkload, ownersOf } from '../owned-workload.ts'
import { type ReadWorkloads, readWorkloads } from './read-workloads.ts'

after(removeFixtures)
const folder = scratch('owners')

const read = (...targets: readonly string[]): Promise<ReadWorkloads> =>
  readWorkloads({ targets, answerWithinMs: 20_000 }, new AbortController().signal)

const byId = <Item extends { readonly id: string }>(some: readonly Item[]): readonly Item[] =>
  some.toSorted((a, b) => (a.id < b.id ? -1 : 1))

const owners = (some: readonly (OwnedWorkload | PlannedWorkload)[]) =>
  byId(some).map((one) => {
    const owner = 'owner' in one ? one.owner : { projectId: one.projectId, userId: one.userId }
    return {
      id: one.id,
      ...owner,
      snapshots: one.snapshots.length,
      schedule: 'schedule' in one ? one.schedule : 'enabled',
    }
  })

describe('owners of workloads on a target', { concurrency: true }, () => {
  const shapes: Readonly<Record<string, Record<string, unknown>>> = {
    'whose paths encode the share': { version: '4.1', workloads: 7, snapshots: 4 },
    'whose paths encode the export': { distribution: 'kolla', version: '4.3', workloads: 5, snapshots: 3 },
    'of a site that was upgraded': { version: '4.1', snapshots: 4, upgradeAfter: 2, upgradeTo: '4.2' },
    'of a bucket': { distribution: 'rhoso', version: '6.2', share: 's3://backups' },
    'with retention, deleted snapshots and networks': {
      snapshots: 9,
      keep: 4,
      fullEvery: 7,
      deleted: 2,
      networks: true,
      vms: '1-3',
      disks: '2',
    },
    'with missing images and short ones': { missing: 2, cutShort: 2, imageBooted: 1, addedDisks: 0 },
    'with encrypted workloads': { encrypted: 2 },
  }
  for (const [nth, [what, shape]] of Object.entries(shapes).entries())
    it(`are those of its records: a target ${what}`, async () => {
      const target = join(folder, `shape-${nth}`)
      const planned = await makeTarget(target, { seed: what, ...shape })
      const { workloads, unseen } = await read(target)
      assert.deepEqual(owners(workloads), owners(planned))
      assert.deepEqual(unseen, [])
      assert.deepEqual(workloads.filter((one) => one.isEncrypted).length, shape['encrypted'] ?? 0)
      for (const workload of workloads) {
        assert.equal(ownersOf(workload).length, 1)
        assert.deepEqual(
          workload.snapshots.map(({ trouble }) => trouble),
          workload.snapshots.map(() => undefined),
        )
      }
    })

  it('are read from several targets, and a workload on two of them is one', async () => {
    const [first, second] = [join(folder, 'one'), join(folder, 'two')]
    const planned = [await makeTarget(first, { seed: 1 }), await makeTarget(second, { seed: 2, version: '4.3' })]
    const [shared] = planned[0] ?? []
    assert.ok(shared)
    execFileSync('cp', ['-r', join(first, `workload_${shared.id}`), second])
    changeRecord(join(second, `workload_${shared.id}/workload_db`), { user_id: 'f'.repeat(32) })
    const { workloads } = await read(first, second)
    assert.equal(workloads.length, planned.flat().length)
    const twice = workloads.find(({ id }) => id === shared.id)
    assert.deepEqual(twice?.targets, [0, 1])
    assert.equal(twice && ownersOf(twice).length, 2)
  })

  it('are changed on no target', async () => {
    const target = join(folder, 'unchanged')
    await makeTarget(target, { networks: true })
    const before = contentsOf(target)
    await read(target)
    assert.deepEqual(contentsOf(target), before)
  })

  it('have the fields of older generations, and names in metadata', async () => {
    const target = join(folder, 'older')
    const [workload] = await makeTarget(target, { workloads: 1, snapshots: 1 })
    assert.ok(workload)
    changeRecord(join(target, `workload_${workload.id}/workload_db`), (record) => {
      record['tenant_id'] = record['project_id']
      delete record['project_id']
      record['jobschedule'] = '{"enabled": false}'
      record['metadata'] = [
        { key: 'project_name', value: 'web-shop' },
        { key: 'user_name', value: 7 },
      ]
    })
    const [found] = (await read(target)).workloads
    assert.equal(found?.owner.projectId, workload.projectId)
    assert.deepEqual([found?.names, found?.schedule], [{ project: 'web-shop' }, 'disabled'])
  })
})

describe('records without an owner', { concurrency: true }, () => {
  const isRoot = process.getuid?.() === 0
  const replace = (path: string, create: () => void) => {
    rmSync(path)
    create()
  }
  const record = (target: string, id: string) => join(target, `workload_${id}/workload_db`)
  const cases: Readonly<Record<string, readonly [damage: (path: string) => void, kind: string, message: RegExp]>> = {
    'a damaged one': [
      (path) => writeFileSync(path, readFileSync(path).subarray(0, 100)),
      'damaged',
      /workload_db:1:\d+: not JSON/,
    ],
    'an empty one': [(path) => writeFileSync(path, ''), 'damaged', /not JSON/],
    'a missing one': [(path) => rmSync(path), 'missing', /workload_db does not exist$/],
    'one without a user': [(path) => changeRecord(path, { user_id: null }), 'damaged', /workload_db: names no user$/],
    'one with a number for a project': [
      (path) => changeRecord(path, { project_id: 7 }),
      'damaged',
      /names no project$/,
    ],
    'a symbolic link': [
      (path) => replace(path, () => symlinkSync('/etc/passwd', path)),
      'unread',
      /leads to \/etc\/passwd/,
    ],
    'a folder': [(path) => replace(path, () => mkdirSync(path)), 'missing', /does not exist/],
  }
  for (const [nth, [what, [damage, kind, message]]] of Object.entries(cases).entries())
    it(`are reported with the file: ${what}`, async () => {
      const target = join(folder, `damage-${nth}`)
      const planned = await makeTarget(target, { workloads: 2, snapshots: 1 })
      const [first] = byId(planned)
      assert.ok(first)
      damage(record(target, first.id))
      const [found, other] = byId((await read(target)).workloads)
      assert.equal(found?.trouble?.kind, kind, found?.trouble?.message)
      assert.match(found?.trouble?.message ?? '', message)
      assert.equal(other?.trouble, undefined)
    })

  it('are reported with the file: those of snapshots', async () => {
    const target = join(folder, 'snapshots')
    await makeTarget(target, { workloads: 1, snapshots: 3, brokenRecords: 1 })
    const [found] = (await read(target)).workloads
    const troubles = found?.snapshots.flatMap(({ trouble }) => trouble ?? []) ?? []
    assert.equal(troubles.length, 1)
    assert.equal(troubles[0]?.kind, 'damaged')
    assert.match(
      troubles[0]?.message ?? '',
      /^workload_[\da-f-]{36}\/snapshot_[\da-f-]{36}\/snapshot_db:1:\d+: not JSON/,
    )
  })

  it('are not read, rather than missing, if their folder cannot be opened', {
    skip: !isRoot && 'not run: needs root',
  }, async () => {
    const target = join(folder, 'closed')
    await makeTarget(target, { workloads: 1, snapshots: 1 })
    const program = `import { readWorkloads } from '${import.meta.dirname}/read-workloads.ts'
      const { workloads } = await readWorkloads({ targets: ['${target}'], answerWithinMs: 20000 }, new AbortController().signal)
      console.log(workloads[0].trouble.kind, workloads[0].trouble.message)`
    execFileSync('chmod', ['755', folder, target])
    execFileSync('sh', ['-c', `chmod 0 '${target}'/workload_*-*`])
    const output = execFileSync(process.execPath, ['--input-type=module', '-e', program], {
      uid: 65534,
      gid: 65534,
      cwd: '/',
      encoding: 'utf8',
    })
    assert.match(output, /^unread workload_[\da-f-]+: EACCES/)
  })

  it('are unknown on a target that does not exist', async () => {
    const { workloads, unseen } = await read(join(folder, 'gone'))
    assert.deepEqual(workloads, [])
    assert.match(unseen[0] ?? '', /gone: ENOENT/)
  })
})
