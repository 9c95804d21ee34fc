import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { Envelope } from '../journal/envelope.ts'
import { readJournal } from '../journal/journal-file.ts'
import { type Ended, project, report, run } from '../run/run.fixture.ts'

const program = join(import.meta.dirname, 'main.ts')

/** Runs one shard as if it was on a machine of its own, and returns the folder of its run. */
function runShard(folder: string, shard: string, ...args: readonly string[]): Ended & { readonly made: string } {
  const reports = `machine-${shard.replace('/', '-of-')}-${args.length}`
  const ended = run(folder, ['--shard', shard, '--reports', reports, ...args])
  const id = readdirSync(join(folder, reports)).find((name) => /^\d/.test(name)) ?? assert.fail(ended.stderr)
  return { ...ended, made: join(reports, id) }
}

function merge(folder: string, ...args: readonly string[]): Ended {
  const options = { cwd: folder, encoding: 'utf8', timeout: 60_000 } as const
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, 'merge', ...args], options)
  return { code: status, stdout, stderr, folder }
}

describe('merge', () => {
  const folder = project('passes', 'fails', 'unknown', 'notrun')
  const one = runShard(folder, '1/2')
  const two = runShard(folder, '2/2')

  it('makes the run that one machine would have made', () => {
    assert.match(one.stderr, /^shard 1\/2 has 3 of 5 scenarios$/m)
    assert.match(two.stderr, /^shard 2\/2 has 2 of 5 scenarios$/m)
    const whole = run(folder)
    const merged = merge(folder, one.made, two.made, 'machine-1-of-2-0/latest')
    assert.deepEqual([merged.code, merged.stderr], [whole.code, ''])
    const closing = (text: string) => text.trimEnd().split('\n').at(-1)
    assert.equal(closing(merged.stdout), closing(whole.stdout))
    assert.equal(report(merged, 'junit.xml').match(/<testcase /g)?.length, 5)
  })

  it('forms one run of Cucumber, in which every pickle has one test case', () => {
    const lines = report(merge(folder, one.made, two.made), 'messages.ndjson')
      .trimEnd()
      .split('\n')
    const envelopes = lines.map((line): Envelope => JSON.parse(line))
    const count = (kind: keyof Envelope) => envelopes.filter((envelope) => envelope[kind] !== undefined).length
    assert.deepEqual([count('testRunStarted'), count('testRunFinished'), count('testCaseStarted')], [1, 1, 5])
  })

  it('exits with 1 if a shard is missing, and names it with its scenarios', () => {
    const { code, stdout } = merge(folder, two.made)
    assert.equal(code, 1)
    assert.match(stdout, /^fail: every scenario ran in exactly one shard: shard 1\/2 is missing; features\/\S+ was in/m)
    const { findings, exitCode } = JSON.parse(merge(folder, '--json', two.made).stdout)
    assert.deepEqual([exitCode, findings.at(-1).verdict], [1, 'fail'])
  })

  it('reports the scenario that was running when a machine was lost as unknown', () => {
    const path = join(folder, two.made, 'journal.ndjson')
    const lines = readFileSync(path, 'utf8').split('\n')
    const last = readJournal(path).entries.findLastIndex(({ kind }) => kind === 'drill-started')
    const cut = join(folder, 'cut.ndjson')
    writeFileSync(cut, `${lines.slice(0, last + 2).join('\n')}\n{"seq":`)
    const { code, stdout } = merge(folder, one.made, 'cut.ndjson')
    assert.equal(code, 1)
    assert.match(stdout, /^the journal of shard 2\/2 is cut: cut\.ndjson$/m)
  })

  it('exits with 2 for runs that are not shards of one run, and creates nothing', () => {
    const before = readdirSync(join(folder, 'reports'))
    copyFileSync(join(folder, two.made, 'journal.ndjson'), join(folder, 'copy.ndjson'))
    const other = runShard(folder, '2/2', '--name', 'well', '--name', 'claim')
    const three = runShard(folder, '3/3')
    const steps = join(folder, 'steps/steps.ts')
    const content = readFileSync(steps)
    writeFileSync(steps, `${content}\n`)
    const changed = runShard(folder, '2/2', '--allow-not-run')
    writeFileSync(steps, content)
    const whole = join('reports', readdirSync(join(folder, 'reports')).find((name) => /^\d/.test(name)) ?? '')
    const refused: readonly (readonly [readonly string[], RegExp])[] = [
      [[one.made, whole], /reports\/\S+ is not the journal of a shard\n {2}Make each with: dr-drill run --shard/],
      [[one.made, two.made, 'copy.ndjson'], /both are shard 2\/2: \S+ and \S+\n {2}Merge only one run of each shard/],
      [[one.made, other.made], /not shards of one run: only one of them was divided with features\/fails\.feature:6/],
      [[one.made, three.made], /not shards of one run: they are of (2 and of 3|3 and of 2) shards/],
      [[one.made, changed.made], /not shards of one run: their steps differ in steps\/steps\.ts/],
      [[one.made, 'missing'], /no run "missing"/],
      [[], /missing required argument 'runs'/],
    ]
    for (const [runs, message] of refused) {
      const { code, stderr } = merge(folder, ...runs)
      assert.match(stderr, message)
      assert.equal(code, 2)
    }
    assert.deepEqual(readdirSync(join(folder, 'reports')), before)
  })
})

describe('run --shard', () => {
  it('passes without scenarios if there are more shards than scenarios', () => {
    const folder = project('passes')
    const [empty, full] = [runShard(folder, '2/2'), runShard(folder, '1/2')]
    assert.match(empty.stdout, /\n0 passed, 0 failed\n$/)
    assert.equal(empty.code, 0)
    const { code, stdout } = merge(folder, empty.made, full.made)
    assert.deepEqual([code, /\n1 passed, 0 failed\n$/.test(stdout)], [0, true])
  })

  it('is balanced by the durations of an earlier run', () => {
    const folder = project('slow', 'passes', 'fails')
    run(folder)
    const listed = (...args: readonly string[]) =>
      run(folder, ['--list', '--shard', '1/2', ...args])
        .stdout.trimEnd()
        .split('\n')
    assert.deepEqual(listed(), [
      'features/fails.feature:2  The claim is wrong',
      'features/fails.feature:6  The next one',
    ])
    assert.deepEqual(listed('--durations', 'reports/latest'), ['features/slow.feature:2  A slow step'])
  })

  it('refuses what is not a shard, and options that cannot be combined', () => {
    const folder = project('passes')
    for (const [args, message] of [
      [['--shard', '3/2'], /"3\/2" is not a shard/],
      [['--shard', '1/2', '--last-failed'], /--shard cannot be combined with --last-failed/],
      [['--durations', 'reports/latest'], /--durations requires --shard/],
      [['--shard', '1/2', '--durations', 'nowhere'], /no run "nowhere"/],
    ] as const) {
      const { code, stderr } = run(folder, args)
      assert.match(stderr, message)
      assert.notEqual(code, 0)
    }
  })
})
