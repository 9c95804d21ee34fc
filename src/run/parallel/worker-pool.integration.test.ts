import assert from 'node:assert/strict'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import {
  dies,
  diesTogether,
  fails,
  failsBesideOther,
  isolated,
  outcomes,
  outlastsOther,
  outline,
  passes,
  project,
  report,
  run,
  runInTwo,
  takesMoment,
  waitsForOther,
} from './workers.fixture.ts'

describe('a run with two workers', () => {
  it('runs two features at the same time, and writes one report', () => {
    const folder = project({ a: [waitsForOther, passes], b: [waitsForOther, outline] })
    const { code, stdout, stderr } = runInTwo(folder)
    assert.equal(code, 0, stdout + stderr)
    assert.match(stdout, /\n5 passed, 0 failed\n$/)
    assert.deepEqual(outcomes(folder), [
      'Both at once: passed',
      'Both at once: passed',
      'It passes: passed',
      'Number 1: passed',
      'Number 2: passed',
    ])
    assert.match(report(folder, 'junit.xml'), /<testsuites name="dr-drill" tests="5" failures="0"/)
    assert.match(report(folder, 'messages.ndjson'), /It passes[^]*Number 2|Number 2[^]*It passes/)
    assert.deepEqual(readdirSync(join(folder, 'reports', 'latest', 'workers')), ['1', '2'])
  })

  it('exits with 1 if one feature fails, and shows the failure', () => {
    const folder = project({ a: [passes], b: [fails] })
    const { code, stdout } = runInTwo(folder)
    assert.equal(code, 1)
    assert.match(stdout, /First failure:\nThe claim is wrong {2}\(features\/b\.feature:2\)\n {2}it is "y"\n/)
    assert.match(stdout, /it has the expected value: x on here, expected y/)
    assert.match(report(folder, 'junit.xml'), /<testsuites name="dr-drill" tests="2" failures="1"/)
  })

  it('is the default for several features', () => {
    const folder = project({ a: [passes], b: [passes], c: [passes] })
    assert.equal(run(folder).code, 0)
    assert.ok(existsSync(join(folder, 'reports', 'latest', 'workers', '2')))
  })

  it('can be configured in the project; --parallel on the command line comes first', () => {
    const folder = project({ a: [waitsForOther], b: [waitsForOther] })
    writeFileSync(join(folder, 'dr-drill.config.yaml'), 'parallel: 2\nobjectives: { recoveryTime: 1h }\n')
    assert.equal(run(folder).code, 0)
    const other = project({ a: [passes], b: [passes] })
    writeFileSync(join(other, 'dr-drill.config.yaml'), 'parallel: 2\n')
    assert.equal(run(other, ['--parallel', '1']).code, 0)
    assert.equal(existsSync(join(other, 'reports', 'latest', 'workers')), false)
  })

  it('runs an isolated scenario only while no other runs, also in the same feature', () => {
    const folder = project({ a: [takesMoment, isolated], b: [takesMoment], c: [isolated], d: [isolated, isolated] })
    const { code, stdout } = runInTwo(folder)
    assert.equal(code, 0, stdout)
    assert.match(stdout, /\n6 passed, 0 failed\n$/)
  })

  it('starts no worker for a single feature', () => {
    const folder = project({ a: [passes, fails] })
    assert.equal(runInTwo(folder).code, 1)
    assert.equal(existsSync(join(folder, 'reports', 'latest', 'workers')), false)
  })

  it('with --fail-fast stops all workers after a failure', () => {
    const folder = project({ a: [failsBesideOther, passes], b: [outlastsOther, passes], c: [passes] })
    const { code, stdout } = runInTwo(folder, ['--fail-fast'])
    assert.equal(code, 1)
    assert.match(stdout, /– \d\/5 not run: It passes .*: an earlier scenario failed \(--fail-fast\)/)
    const drilled = outcomes(folder)
    assert.equal(drilled.length, 5)
    assert.ok(drilled.filter((one) => one === 'It passes: not run').length >= 2, drilled.join())
  })

  it('exits with 1 if a hook around all scenarios fails', () => {
    const { code, stdout } = runInTwo(project({ a: [passes], b: [passes] }), [], { BAD_HOOK: '1' })
    assert.equal(code, 1)
    assert.match(stdout, /the hook broke/)
  })

  it('survives the loss of a worker: its scenario is unknown, the others are run', () => {
    const folder = project({ a: [dies, passes, passes], b: [passes, passes] })
    const { code, stdout } = runInTwo(folder)
    assert.equal(code, 3, stdout)
    assert.match(
      stdout,
      /\? \d\/5 unknown: It dies .*: worker \d \(process \d+\) was killed by SIGKILL before it finished/,
    )
    assert.match(stdout, /^about to die$/m)
    assert.match(stdout, /\n4 passed, 1 unknown\n$/)
    assert.match(report(folder, 'junit.xml'), /<testsuites name="dr-drill" tests="5" failures="0" errors="1"/)
    assert.match(report(folder, 'messages.ndjson'), /was killed by SIGKILL/)
  })

  it('records the remaining scenarios as not run if no worker is left', () => {
    const folder = project({ a: [diesTogether, passes], b: [diesTogether, passes], c: [outline] })
    const { code } = runInTwo(folder)
    assert.equal(code, 3)
    assert.deepEqual(outcomes(folder), [
      'It dies: unknown',
      'It dies: unknown',
      'It passes: not run',
      'It passes: not run',
      'Number 1: not run',
      'Number 2: not run',
    ])
    assert.match(report(folder, 'summary.md'), /not run: no worker was left to run it/)
    assert.match(report(folder, 'junit.xml'), /<testsuites name="dr-drill" tests="6" failures="0" errors="2"/)
  })

  const wrong: readonly [string, readonly string[], RegExp][] = [
    ['zero workers', ['--parallel', '0'], /must be a number from 1/],
    ['half a worker', ['--parallel', '1.5'], /must be a number from 1/],
    ['something that is not a number', ['--parallel', 'all'], /must be a number from 1/],
    ['--keep-lab', ['--keep-lab'], /--keep-lab cannot be combined with --parallel/],
  ]
  for (const [what, args, message] of wrong)
    it(`refuses ${what}`, () => {
      const folder = project({ a: [passes], b: [passes] })
      const { code, stderr } = runInTwo(folder, args)
      assert.match(stderr, message)
      assert.ok(code === 2 || /must be a number/.test(stderr))
      assert.equal(existsSync(join(folder, 'reports')), false)
    })
})
