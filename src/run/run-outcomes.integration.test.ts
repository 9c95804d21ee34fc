import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { z } from 'zod'
import { journalEntrySchema, problemInEntry } from '../journal/journal-schema.ts'
import { reportFormats } from '../report/index.ts'
import { journalOf, main, project, report, run } from './run.fixture.ts'

describe('a run exits with 0', () => {
  it('if all scenarios passed, and writes every report of the menu', () => {
    const ended = run(project('passes'))
    assert.equal(ended.code, 0, ended.stderr + ended.stdout)
    assert.match(ended.stdout, /\n1 passed, 0 failed\n$/)
    assert.match(ended.stdout, /▶ 1\/1 All is well \(features\/passes\.feature:2\)\n✔ All is well \(\d\.\d s\)/)
    assert.match(ended.stdout, /Phases: provision .*, restore .*, tear down/)
    assert.match(report(ended, 'summary.md'), /\*\*pass\*\* share has the expected value: h:\/x on appliance/)
    assert.match(report(ended, 'summary.md'), /exit code 0/)
    assert.match(
      report(ended, 'junit.xml'),
      /<testsuite name="[^"]+" file="features\/passes\.feature" tests="1" failures="0"/,
    )
    assert.match(report(ended, 'index.html'), /<html[^]* id="drill-d1">[^]*<\/html>/)
    assert.match(report(ended, 'messages.ndjson'), /^\{"meta":[^\n]*\n[^]*"name":"All is well"[^]*\}\n$/)
    assert.match(readlinkSync(join(ended.folder, 'reports', 'latest')), /^\d{8}-?t?\d{6}-[0-9a-f]+$/)
    const names = readdirSync(join(ended.folder, 'reports', 'latest'))
    assert.deepEqual(names.sort(), [...Object.keys(reportFormats), 'journal.ndjson'].sort())
    assert.equal(readFileSync(join(ended.folder, 'undone'), 'utf8'), 'lab\n')
    assert.partialDeepStrictEqual(journalOf(ended).at(-1), { kind: 'run-ended', exitCode: 0 })
    assert.deepEqual(
      journalOf(ended).flatMap((entry) => problemInEntry(entry) ?? []),
      [],
    )
    assert.equal(z.array(journalEntrySchema).safeParse(journalOf(ended)).success, true)
    // The steps of the scenario, in order: a lab, a look, a claim.
    const series = (kind: string) => journalOf(ended).find((entry) => entry.kind === kind && entry.drill)?.series
    assert.deepEqual([series('observation'), series('finding')], ['s2', 's3'])
  })

  it('and reports when the next drill is due, if the project lets verdicts expire', () => {
    const folder = project('passes')
    assert.match(report(run(folder), 'summary.md'), /\nNext drill: no date is configured \(maxVerdictAge in/)
    writeFileSync(join(folder, 'dr-drill.config.yaml'), 'steps: [steps]\nparallel: 1\nmaxVerdictAge: 90d\n')
    assert.match(
      report(run(folder), 'summary.md'),
      /\nNext drill: due by 20\S+ \d\d:\d\d UTC\. Verdicts expire after 90 days\.\n/,
    )
  })

  it('for a large attachment, and keeps the journal small', () => {
    const ended = run(project('attaches'))
    assert.equal(ended.code, 0)
    assert.ok(JSON.stringify(journalOf(ended)).length < 50_000)
    assert.match(report(ended, 'messages.ndjson'), /application\/json, 200000 characters: too long for the journal/)
  })
})

describe('a run exits with 1', () => {
  it('if a claim is wrong, says why, and runs the next scenario', () => {
    const ended = run(project('fails'))
    assert.equal(ended.code, 1)
    assert.match(ended.stdout, /h:\/x on appliance, expected h:\/y/)
    assert.match(
      ended.stdout,
      /First failure:\nThe claim is wrong {2}\(features\/fails\.feature:2\)\n {2}it is "h:\/y"\n/,
    )
    assert.match(ended.stdout, /\n1 passed, 1 failed\n$/)
    assert.equal(readFileSync(join(ended.folder, 'undone'), 'utf8'), 'lab\nlab\n')
    assert.match(report(ended, 'junit.xml'), /failures="1"/)
  })

  it('if a command fails, and shows the first failure with its command and mount table', () => {
    const { code, stdout } = run(project('breaks'))
    assert.equal(code, 1)
    assert.match(
      stdout,
      /On recovery\/compute-1 as 7:8 \(exit code 32, 12 ms\):\n {2}mount --bind \/a '\/b c'\n {2}mount: \/b c/,
    )
    assert.match(stdout, /Mounted on recovery\/compute-1:\n {2}\/dev\/ubda on \/\n {2}tmpfs on \/run\n/)
    assert.doesNotMatch(stdout, /node_modules/)
    assert.match(stdout, /\.\/drill run features\/breaks\.feature:2 --keep-lab/)
  })

  it('after the first failure with --fail-fast, and lists what was not run', () => {
    const ended = run(project('fails'), ['--fail-fast'])
    assert.equal(ended.code, 1)
    assert.match(ended.stdout, /– not run: The next one .*: an earlier scenario failed \(--fail-fast\)/)
    assert.match(ended.stdout, /\n0 passed, 1 failed, 1 skipped\n$/)
  })

  it('if something is left behind', () => {
    const { code, stdout } = run(project('passes'), [], { LEAK: 'data' })
    assert.equal(code, 1)
    assert.match(stdout, /fail: nothing is left behind: volumes: data/)
  })

  it('if a hook around all scenarios fails', () => {
    const { code, stdout } = run(project('passes'), [], { BAD_HOOK: '1' })
    assert.equal(code, 1)
    assert.match(stdout, /the hook broke/)
  })

  it('if a hook of a scenario fails', () => {
    const { code, stdout } = run(project('hooked'))
    assert.equal(code, 1)
    assert.match(stdout, /✘ failed: Its hook breaks .*the scenario hook broke/)
  })

  it('if a step is pending', () => {
    const { code, stdout } = run(project('pending'))
    assert.equal(code, 1)
    assert.match(stdout, /the step "it is pending" is pending/)
  })
})

describe('a run exits with 3', () => {
  it('if a scenario could not be judged, unless another one failed', () => {
    for (const name of ['unknown', 'machine'] as const) assert.equal(run(project(name)).code, 3, name)
    assert.equal(run(project('unknown', 'fails')).code, 1)
  })

  it('if a scenario judges nothing', () => {
    const { code, stdout } = run(project('judgesnothing', 'passes'))
    assert.equal(code, 3)
    assert.match(stdout, /unknown: No step judges anything .*: nothing was judged: the scenario has no claim/)
    assert.match(stdout, /\n1 passed, 1 unknown\n$/)
  })

  it('if a scenario was not run, unless --allow-not-run is given', () => {
    const folder = project('notrun', 'passes')
    const ended = run(folder)
    assert.equal(ended.code, 3)
    assert.match(ended.stdout, /– not run: Cannot be run here .*: this kernel has no netem\n/)
    assert.match(ended.stdout, /\n1 passed, 0 failed, 1 skipped\n$/)
    assert.equal(run(folder, ['--allow-not-run']).code, 0)
  })

  it('if a step or a hook skips a scenario without a reason', () => {
    const { code, stdout } = run(project('skips'), ['features'])
    assert.equal(code, 3)
    assert.match(stdout, /– not run: A step skips itself .*: the step "it skips itself" was skipped without a reason/)
    assert.match(stdout, /– not run: A hook skips it .*: a hook skipped the scenario without a reason/)
    assert.match(stdout, /\n0 passed, 0 failed, 2 skipped\n$/)
  })

  it('if the preparation of labs fails, and runs no scenario', () => {
    const { code, stdout } = run(project('passes'), [], { NO_ENGINE: '1' })
    assert.equal(code, 3)
    assert.match(stdout, /no engine/)
    assert.match(stdout, /\n0 passed, 0 failed\n$/)
  })

  it('if the disk is full', () => {
    // The kernel refuses to let a file grow beyond the limit, as it does on a full disk.
    const folder = project('passes')
    const argv = ['-c', `trap '' XFSZ; ulimit -f 8; exec "$@"`, 'sh', process.execPath, main]
    const { status, stdout } = spawnSync('sh', argv, { cwd: folder, encoding: 'utf8' })
    assert.equal(status, 3)
    assert.match(stdout, /– not run: All is well .*: cannot write .*journal\.ndjson: /)
    assert.equal(existsSync(join(folder, 'undone')), false)
  })
})

describe('a run', () => {
  it('with --dry-run lists the scenarios and runs none', () => {
    const ended = run(project('passes', 'fails'), ['--dry-run'])
    assert.equal(ended.code, 0)
    assert.match(ended.stdout, /^features\/fails\.feature:2 {2}The claim is wrong\n[^]*\n3 can be run\n$/)
    assert.equal(existsSync(join(ended.folder, 'reports')), false)
  })

  it('leaves out @full unless something is selected', () => {
    const folder = project('later', 'passes')
    assert.match(run(folder).stdout, /\n1 passed, 0 failed\n$/)
    assert.match(run(folder, ['features']).stdout, /\n2 passed, 0 failed\n$/)
  })

  it('with --json prints one JSON object on standard output, and the rest on standard error', () => {
    const { stdout, stderr } = run(project('fails'), ['--json'])
    const json = JSON.parse(stdout)
    assert.equal(json.exitCode, 1)
    assert.deepEqual(json.counts, { passed: 1, failed: 1, unknown: 0, 'not run': 0 })
    assert.equal(json.drills[0].findings[0].verdict, 'fail')
    assert.match(stderr, /\n1 passed, 1 failed\n$/)
    assert.equal(JSON.parse(run(project('passes'), ['--json', '--tags', '@x']).stdout).exitCode, 2)
  })

  it('without a terminal prints a line for a step that takes long', () => {
    assert.match(run(project('slow')).stdout, /▶ 1\/1 A slow step .*\n {2}2\.\d s {2}it takes 2100 ms\n✔/)
  })
})
