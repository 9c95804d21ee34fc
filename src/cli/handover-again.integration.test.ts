import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { parse } from 'yaml'
import type { PlannedWorkload } from '../generate/target-plan.ts'
import { cloudFileText } from '../identity/cloud-file.ts'
import { type CloudInput, cloudSchema } from '../identity/cloud-schema.ts'
import { describeCloud } from '../identity/described-cloud.ts'
import { check } from '../input/schema-check.ts'
import { quote } from '../shell/quote.ts'
import { changeRecord, cloudOf, makeSite, makeTarget, removeFixtures, scratch } from '../workloadmgr/manager.fixture.ts'

after(removeFixtures)
const main = join(import.meta.dirname, 'main.ts')
const folder = scratch('handover-again')
const target = join(folder, 'target')
const file = (name: string) => join(folder, name)
const read = (name: string) => readFileSync(file(name), 'utf8')
let planned: readonly PlannedWorkload[] = []
const idOf = (nth: number): string => planned[nth]?.id ?? assert.fail()

/** The same names as in another cloud, with other ids. */
const withOtherIds = (cloud: CloudInput): CloudInput => ({
  projects: (cloud.projects ?? []).map(({ id: _, ...project }) => project),
  users: (cloud.users ?? []).map(({ id: _, ...user }) => user),
})

function writeCloud(name: string, cloud: CloudInput): void {
  writeFileSync(file(`${name}.json`), cloudFileText(describeCloud(check(cloudSchema, cloud, 'test'), name, 'test')))
}

function run(program: string, ...args: readonly string[]) {
  const { PATH, HOME, NODE_COMPILE_CACHE } = process.env
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd: folder,
    encoding: 'utf8',
    env: { HOME, NODE_COMPILE_CACHE, PATH: `${file('bin')}:${PATH}`, OS_USERNAME: 'admin', OS_PROJECT_NAME: 'admin' },
  })
  return { status, stdout, stderr, all: stdout + stderr }
}

const handover = (...args: readonly string[]) => run(process.execPath, main, 'handover', ...args)

/** The ids of a mapping, in the order of its workloads. */
const unscheduledIn = (name: string) =>
  ((parse(read(name)) as { unscheduled: string[] | null }).unscheduled ?? []).toSorted()

before(async () => {
  planned = await makeTarget(target, { workloads: 3, snapshots: 2 })
  // The owner of the second has disabled its schedule, and the third has none.
  const schedules = ["{'enabled': True}", "{'enabled': False}", '']
  for (const [nth, jobschedule] of schedules.entries())
    changeRecord(join(target, `workload_${idOf(nth)}/workload_db`), { jobschedule })
  const old = cloudOf(planned)
  writeCloud('old', old)
  const site = makeSite({ targets: [target], cloud: withOtherIds(old) })
  writeFileSync(file('new.json'), cloudFileText(site.cloud))
  mkdirSync(file('bin'))
  useManager(site.configFile)
})

/** Makes `workloadmgr` that of a site. */
function useManager(configFile: string): void {
  const program = [process.execPath, join(import.meta.dirname, '../workloadmgr/bin.ts')] as const
  const text = `#!/bin/sh\nWORKLOADMGR_CONFIG=${quote([configFile])} exec ${quote(program)} "$@"\n`
  writeFileSync(file('bin/workloadmgr'), text, { mode: 0o755 })
}

describe('a plan after the reassignment', () => {
  const clouds = ['--cloud-file', 'new.json', '--old-cloud-file', 'old.json']
  const withMapping = (name: string) => ['--cloud-file', 'new.json', '--mapping', name]
  /** What a check by a mapping reports of schedules. */
  const schedulesIn = (mapping: string) => {
    const { stdout } = handover('check', target, ...withMapping(mapping), '--json')
    const { workloads } = JSON.parse(stdout) as { workloads: { id: string; defects: { code: string }[] }[] }
    assert.deepEqual(
      new Set(workloads.flatMap(({ defects }) => defects.map(({ code }) => code))),
      new Set(['not-assessed', 'schedule-off']),
    )
    return workloads
      .filter(({ defects }) => defects.some(({ code }) => code === 'schedule-off'))
      .map(({ id }) => id)
      .toSorted()
  }

  it('proposes no workload as unscheduled whose schedule the reassignment may have disabled', () => {
    const first = handover('plan', target, ...clouds, '-o', 'first.yaml')
    assert.equal(first.status, 0, first.all)
    assert.deepEqual(unscheduledIn('first.yaml'), [idOf(1), idOf(2)].toSorted())
    assert.equal(handover('plan', target, ...withMapping('first.yaml'), '--map-file', 'map.yaml').status, 0)
    const reassigned = run('workloadmgr', 'workload-reassign-workloads', '--map_file', 'map.yaml')
    assert.deepEqual([reassigned.status, reassigned.stdout.match(/ reassigned /g)?.length], [0, 3], reassigned.all)

    const second = handover('plan', target, ...clouds, '-o', 'second.yaml')
    assert.deepEqual([second.status, unscheduledIn('second.yaml')], [0, [idOf(2)]], second.all)
    assert.match(second.stdout, /^2 workloads may need enable-scheduler: /m)
    assert.match(read('second.yaml'), new RegExp(`^#  - ${idOf(0)}  # workload-1: schedule: disabled$`, 'm'))
    assert.deepEqual(schedulesIn('second.yaml'), [idOf(0), idOf(1)].toSorted())
    writeFileSync(file('edited.yaml'), read('second.yaml').replace(`#  - ${idOf(1)}`, `  - ${idOf(1)}`))
    assert.deepEqual(schedulesIn('edited.yaml'), [idOf(0)])
  })

  it('enables by the mapping from before it the schedules that were enabled before it', () => {
    assert.deepEqual(schedulesIn('first.yaml'), [idOf(0)])
    const again = handover('plan', target, ...withMapping('first.yaml'), '--commands', 'again.sh')
    assert.equal(again.status, 0, again.all)
    assert.doesNotMatch(again.stdout, /may need enable-scheduler/)
    const done = run(file('again.sh'))
    assert.equal(done.status, 0, done.all)
    const checked = handover('check', target, ...withMapping('first.yaml'), '--json')
    assert.deepEqual([checked.status, /schedule-off/.test(checked.stdout)], [3, false], checked.all)
  })

  it('imports by its script what the site does not know, and reports what it knows', () => {
    useManager(makeSite({ targets: [target], cloud: withOtherIds(cloudOf(planned)), version: '6.2' }).configFile)
    const second = handover('plan', target, '--cloud-file', 'new.json', '--commands', 'known.sh')
    assert.match(second.stdout, /^imports +3 /m)
    assert.equal(run('workloadmgr', 'workload-importworkloads', '--workloadids', idOf(0)).status, 0)
    const known = () => {
      const { status, stdout, all } = run(file('known.sh'))
      assert.equal(status, 0, all)
      return [...stdout.matchAll(/^workload (\S+) is already known to this site/gm)].map(([, id]) => id)
    }
    // The first import is a job, which may not have ended yet.
    assert.deepEqual([idOf(0), undefined].includes(known()[0]), true)
    assert.deepEqual(known(), planned.map(({ id }) => id).toSorted())
  })
})
