import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { project, run } from '../run/run.fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'dr-drill-metrics-'))
after(() => rmSync(folder, { recursive: true }))

function command(cwd: string, ...args: readonly string[]) {
  const argv = [join(import.meta.dirname, 'main.ts'), ...args]
  const { status, stdout, stderr } = spawnSync(process.execPath, argv, { cwd, encoding: 'utf8', timeout: 60_000 })
  return { status, stdout, stderr }
}

const hasPromtool = spawnSync('promtool', ['--version']).status === 0

/** All metrics that were read. */
const written = new Set<string>()

/** Reads metrics as name and labels → value. */
function metricsIn(file: string): ReadonlyMap<string, number> {
  const text = readFileSync(file, 'utf8')
  written.add(text)
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  const pairs = lines.map((line): [string, number] => {
    const at = line.lastIndexOf(' ')
    return [line.slice(0, at), Number(line.slice(at + 1))]
  })
  assert.equal(new Map(pairs).size, pairs.length, 'each combination of labels occurs once')
  return new Map(pairs)
}

describe('--metrics', () => {
  it('of assess has the newest restorable snapshot of each workload, and a broken one is not restorable', () => {
    const [target, file] = [join(folder, 'target'), join(folder, 'assess.prom')]
    assert.equal(command(folder, 'target', 'create', target, '--workloads', '2').status, 0)
    const site = ['--distribution', 'juju', '--version', '4.1', '--share', '10.10.2.20:/upstream']
    const assess = () => command(folder, 'assess', target, ...site, '--json', '--metrics', file)
    const whole = assess()
    const before = metricsIn(file)
    const summary = JSON.parse(whole.stdout.trimEnd().split('\n').at(-1) ?? '')
    assert.equal(before.get('dr_drill_assessment_exit_code'), whole.status)
    assert.equal(before.get('dr_drill_assessment_complete'), 1)
    assert.equal(before.get('dr_drill_assessment_timestamp_seconds'), Date.parse(summary.date) / 1000)
    for (const { workloadId, name, newestRestorable } of summary.workloads) {
      const labels = `{workload_id="${workloadId}",workload="${name}"}`
      assert.equal(before.get(`dr_drill_workload_restorable${labels}`), 1)
      const time = before.get(`dr_drill_workload_newest_restorable_timestamp_seconds${labels}`)
      assert.equal(time, newestRestorable.takenMs / 1000)
    }
    const [broken] = summary.workloads
    for (const entry of readdirSync(target, { recursive: true, withFileTypes: true }))
      if (entry.isFile() && entry.parentPath.includes(broken.workloadId) && entry.parentPath.includes('vm_res_id_'))
        writeFileSync(join(entry.parentPath, entry.name), 'not an image')
    assert.equal(assess().status, 1)
    const labels = `{workload_id="${broken.workloadId}",workload="${broken.name}"}`
    const later = metricsIn(file)
    assert.equal(later.get(`dr_drill_workload_restorable${labels}`), 0)
    assert.equal(later.has(`dr_drill_workload_newest_restorable_timestamp_seconds${labels}`), false)
  })

  it('of run and history has the outcomes, and when each scenario passed', () => {
    const drills = project('passes', 'fails', 'notrun')
    assert.equal(run(drills, ['--metrics', 'run.prom']).code, 1)
    const ofRun = metricsIn(join(drills, 'run.prom'))
    assert.equal(ofRun.get('dr_drill_run_exit_code'), 1)
    assert.equal(ofRun.get('dr_drill_scenarios{outcome="passed"}'), 2)
    assert.equal(ofRun.get('dr_drill_scenarios{outcome="not run"}'), 1)
    const failed = 'dr_drill_scenario_passed{location="features/fails.feature:2",scenario="The claim is wrong"}'
    assert.equal(ofRun.get(failed), 0)
    assert.equal(command(drills, 'history', '--metrics', 'history.prom').status, 0)
    const ofHistory = metricsIn(join(drills, 'history.prom'))
    assert.equal(ofHistory.get('dr_drill_scenarios_due'), 2)
    const passed = [...ofHistory.keys()].filter((key) => key.startsWith('dr_drill_scenario_last_passed_timestamp'))
    assert.equal(passed.length, 2)
  })

  it('is what Prometheus accepts', { skip: hasPromtool ? false : 'promtool is not installed' }, () => {
    assert.ok(written.size >= 4)
    for (const input of written) {
      const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' })
      assert.deepEqual([status, stdout, stderr], [0, '', ''], input)
    }
  })

  it('is refused before any work if the folder does not exist, or the file is a folder', () => {
    const drills = project('passes')
    mkdirSync(join(drills, 'dir.prom'))
    for (const [file, message] of [
      ['missing/run.prom', /cannot write metrics to missing\/run\.prom: ENOENT/],
      ['dir.prom', /cannot write metrics to dir\.prom: it is a directory/],
    ] as const) {
      const { code, stderr } = run(drills, ['--metrics', file])
      assert.match(stderr, message)
      assert.equal(code, 2)
    }
    assert.equal(existsSync(join(drills, 'reports')), false)
  })

  it('makes a run that passed exit with 3 if they cannot be written', () => {
    const drills = project('slow')
    mkdirSync(join(drills, 'metrics'))
    // The run has begun when its journal is there.
    const script = `"$@" & until ls reports/*/journal.ndjson; do sleep 0.1; done; rmdir metrics; wait $!`
    const fixture = join(drills, '..', 'main.ts')
    const argv = ['-c', script, 'sh', process.execPath, fixture, '--metrics', 'metrics/run.prom']
    const { status, stdout, stderr } = spawnSync('sh', argv, { cwd: drills, encoding: 'utf8' })
    assert.match(stderr, /cannot write \S+metrics\/run\.prom: ENOENT/)
    assert.match(stdout, /1 passed, 0 failed/)
    assert.equal(status, 3)
  })
})
