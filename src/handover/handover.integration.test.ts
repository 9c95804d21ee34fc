import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { parse } from 'yaml'
import type { PlannedWorkload } from '../generate/target-plan.ts'
import type { CloudInput } from '../identity/cloud-schema.ts'
import { importWorkloads } from '../workloadmgr/import/import-workloads.ts'
import {
  changeRecord,
  cloudOf,
  type ManagedSite,
  makeSite,
  makeTarget,
  noJob,
  removeFixtures,
  scratch,
} from '../workloadmgr/manager.fixture.ts'
import { reassignWorkloads } from '../workloadmgr/reassign/reassign-workloads.ts'
import { enableSchedule } from '../workloadmgr/schedule/enable-schedule.ts'
import { checkHandover } from './handover-check.ts'
import { judgeByMapping, judgeByNames } from './handover-plan.ts'
import { OwnerJudge } from './judge-owner.ts'
import { type ManagerCommands, managerCommands } from './manager-commands.ts'
import { parseMapping } from './mapping.ts'
import { mappingText } from './mapping-text.ts'
import { peopleOf } from './owned-workload.fixture.ts'
import { readWorkloads } from './records/read-workloads.ts'

after(removeFixtures)

interface MapFile {
  readonly reassign_mappings: readonly {
    readonly new_tenant_id: string
    readonly user_id: string
    readonly workload_ids: readonly string[]
    readonly migrate_cloud: boolean
  }[]
}

/** Carries out what the commands of a plan ask for, with the workload manager of a lab. */
async function carryOut({ manager }: ManagedSite, { imports, mapFile, schedules }: ManagerCommands): Promise<void> {
  const idsIn = (lines: readonly string[]) =>
    lines.flatMap((line) => [...line.matchAll(/--workloadids (\S+)/g)].map(([, id = '']) => id))
  if (imports.length > 0) await importWorkloads(manager, idsIn(imports), noJob())
  const { reassign_mappings: requests } = parse(mapFile ?? 'reassign_mappings: []') as MapFile
  await reassignWorkloads(
    manager,
    requests.map((one) => ({
      oldProjectIds: [],
      workloadIds: one.workload_ids,
      newProjectId: one.new_tenant_id,
      userId: one.user_id,
      migrateCloud: one.migrate_cloud,
    })),
  )
  for (const id of idsIn(schedules)) await enableSchedule(manager, id, true)
}

/** The same names as in a described cloud, with other ids. */
const withOtherIds = (cloud: CloudInput): CloudInput => ({
  ...cloud,
  projects: (cloud.projects ?? []).map(({ id: _, ...project }) => project),
  users: (cloud.users ?? []).map(({ id: _, ...user }) => user),
})

async function makeHandover(shapes: readonly Record<string, unknown>[]) {
  const folder = scratch('handover')
  const targets = shapes.map((_, nth) => join(folder, `target-${nth}`))
  const planned: PlannedWorkload[] = []
  for (const [nth, shape] of shapes.entries())
    planned.push(...(await makeTarget(targets[nth] ?? '', { seed: nth, workloads: 3, snapshots: 3, ...shape })))
  const old = cloudOf(planned)
  const site = makeSite({ targets, cloud: withOtherIds(old) })
  const judge = new OwnerJudge(await site.manager.identity.readPeople(), peopleOf(old, 'old'), 'member')
  const read = async () =>
    (await readWorkloads({ targets, answerWithinMs: 20_000 }, new AbortController().signal)).workloads
  const file = join(folder, 'mapping.yaml')
  const workloads = await read()
  writeFileSync(file, mappingText('recovery', judgeByNames(workloads, judge), judge))
  const mapping = parseMapping(readFileSync(file, 'utf8'), file)
  const { judged, problems } = judgeByMapping(workloads, judge, mapping)
  assert.deepEqual(problems, [])
  const check = async () => {
    const now = await read()
    const assessed = new Map(now.map(({ id }) => [id, { standing: 'restores' as const }]))
    return checkHandover({ cloud: 'recovery', targets, workloads: now, mapping, judge, assessed, unseen: [] })
  }
  return { site, targets, planned, judged, commands: managerCommands(judged), check }
}

const codesOf = ({ workloads }: Awaited<ReturnType<Awaited<ReturnType<typeof makeHandover>>['check']>>) =>
  new Set(workloads.flatMap(({ defects }) => defects.map(({ code }) => code)))

describe('a handover to a cloud with other ids', () => {
  const shapes: readonly Record<string, unknown>[] = [
    { version: '4.1' },
    { version: '4.3', distribution: 'kolla', share: '10.10.2.21:/other' },
  ]

  it('is not done before, and is done by the commands of its plan', async () => {
    const { site, planned, judged, commands, check } = await makeHandover(shapes)
    assert.deepEqual(new Set(judged.map(({ state }) => state)), new Set(['reassign']))
    const before = await check()
    assert.deepEqual(codesOf(before), new Set(['not-reassigned']))
    assert.deepEqual([before.exitCode, before.handedOver], [1, 0])
    await carryOut(site, { ...commands, schedules: [] })
    assert.deepEqual(codesOf(await check()), new Set(['schedule-off']))
    await carryOut(site, { ...commands, imports: [], mapFile: 'reassign_mappings: []' })
    const after = await check()
    assert.deepEqual([after.exitCode, after.handedOver], [0, planned.length], JSON.stringify(after.workloads))
  })

  it('is half done if one record of a snapshot still names the old owner', async () => {
    const { site, targets, planned, commands, check } = await makeHandover(shapes.slice(0, 1))
    await carryOut(site, commands)
    assert.equal((await check()).exitCode, 0)
    const [first] = planned
    const path = `workload_${first?.id}/snapshot_${first?.snapshots[1]?.id}/snapshot_db`
    changeRecord(join(targets[0] ?? '', path), { project_id: first?.projectId })
    const after = await check()
    assert.deepEqual([after.exitCode, [...codesOf(after)]], [1, ['half-changed']])
    assert.match(
      after.workloads.flatMap(({ defects }) => defects)[0]?.message ?? '',
      /^1 of 4 records name another owner/,
    )
  })
})

describe('a handover to a cloud with the same ids', () => {
  it('is an import, after which all records are as the mapping says', async () => {
    const folder = scratch('same')
    const target = join(folder, 'target')
    const planned = await makeTarget(target, { workloads: 4, snapshots: 2 })
    const cloud = cloudOf(planned)
    const site = makeSite({ targets: [target], cloud })
    const judge = new OwnerJudge(await site.manager.identity.readPeople(), undefined, 'member')
    const { workloads } = await readWorkloads(
      { targets: [target], answerWithinMs: 20_000 },
      new AbortController().signal,
    )
    const judged = judgeByNames(workloads, judge)
    assert.deepEqual(new Set(judged.map(({ state }) => state)), new Set(['imports']))
    const mapping = parseMapping(mappingText('recovery', judged, judge), 'm.yaml')
    await carryOut(site, managerCommands(judged))
    assert.equal(planned.filter(({ id }) => site.manager.store.workloads.find({ id })).length, planned.length)
    const check = checkHandover({
      cloud: 'recovery',
      targets: [target],
      workloads,
      mapping,
      judge,
      assessed: undefined,
      unseen: [],
    })
    assert.deepEqual([check.exitCode, [...codesOf(check)]], [3, ['not-assessed']])
  })
})
