import assert from 'node:assert/strict'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { PlannedWorkload } from '../../generate/target-plan.ts'
import { importWorkloads } from '../import/import-workloads.ts'
import {
  cloudOf,
  type ManagedSite,
  makeSite,
  makeTarget,
  noJob,
  recordsIn,
  removeFixtures,
  scratch,
} from '../manager.fixture.ts'
import { enableSchedule } from './enable-schedule.ts'

after(removeFixtures)
const target = join(scratch('schedule'), 'target')
let site: ManagedSite
let workloads: readonly PlannedWorkload[] = []
before(async () => {
  workloads = await makeTarget(target, { workloads: 3, snapshots: 1 })
  site = makeSite({ targets: [target], cloud: cloudOf(workloads) })
  await importWorkloads(site.manager, undefined, noJob())
})

const recordOf = (id: string) => join(target, `workload_${id}`, 'workload_db')

describe('schedule of a workload', () => {
  it('is disabled and enabled in its record and in the database', async () => {
    const id = workloads[0]!.id
    const before = readFileSync(recordOf(id), 'utf8')
    for (const isEnabled of [false, true]) {
      assert.equal((await enableSchedule(site.manager, id, isEnabled)).isScheduled, isEnabled)
      const written = recordsIn(target, id)[`workload_${id}/workload_db`]?.['jobschedule']
      assert.match(`${written}`, isEnabled ? /'enabled': True/ : /'enabled': False/)
      assert.equal(site.manager.store.workloads.find({ id })?.schedule, written)
    }
    assert.equal(readFileSync(recordOf(id), 'utf8'), before)
  })

  it('cannot be changed without a workload, a value in it, or a readable record', async () => {
    const [, second, third] = workloads.map(({ id }) => id) as [string, string, string]
    await assert.rejects(enableSchedule(site.manager, 'x', true), /workload x does not exist/)
    site.manager.store.workloads.change({ id: second }, { schedule: '' })
    await assert.rejects(enableSchedule(site.manager, second, true), /has no value `enabled`/)
    writeFileSync(recordOf(third), '{')
    await assert.rejects(enableSchedule(site.manager, third, false), { code: 'schedule', message: /not JSON/ })
    assert.equal(site.manager.store.workloads.find({ id: third })?.isScheduled, true)
    rmSync(recordOf(third))
    await assert.rejects(enableSchedule(site.manager, third, false), /ENOENT/)
  })
})
