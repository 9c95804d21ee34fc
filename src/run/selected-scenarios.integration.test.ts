import assert from 'node:assert/strict'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { project, run } from './run.fixture.ts'

describe('run --list', () => {
  it('prints the location and title of each scenario, and runs none', () => {
    const { code, stdout, stderr, folder } = run(project('passes', 'fails'), ['--list'])
    const lines = ['features/fails.feature:2  The claim is wrong', 'features/fails.feature:6  The next one']
    assert.deepEqual(
      [stdout, stderr, code],
      [[...lines, 'features/passes.feature:2  All is well', ''].join('\n'), '', 0],
    )
    assert.equal(existsSync(join(folder, 'reports')), false)
  })

  it('prints only selected scenarios', () => {
    const { stdout } = run(project('passes', 'fails'), ['--list', '--name', 'next'])
    assert.equal(stdout, 'features/fails.feature:6  The next one\n')
  })

  it('with --json prints one object', () => {
    const { stdout } = run(project('passes'), ['--list', '--json'])
    const scenarios = [{ location: 'features/passes.feature:2', name: 'All is well' }]
    assert.deepEqual(JSON.parse(stdout), { exitCode: 0, scenarios })
  })

  it('exits with 2 if a scenario cannot be run', () => {
    assert.equal(run(project('undefined'), ['--list']).code, 2)
  })
})

describe('run --last-failed', () => {
  const failedIn = (folder: string, ...args: readonly string[]) => {
    const { stdout, stderr, code } = run(folder, ['--last-failed', '--list', ...args])
    return {
      listed: stdout
        .split('\n')
        .map((line) => line.split('  ')[0])
        .filter(Boolean),
      stderr,
      code,
    }
  }

  it('runs the scenarios that failed or were unknown, until all pass', () => {
    const folder = project('fails', 'unknown', 'passes')
    assert.equal(run(folder).code, 1)
    assert.deepEqual(failedIn(folder).listed, ['features/fails.feature:2', 'features/unknown.feature:3'])
    const again = run(folder, ['--last-failed'])
    assert.match(again.stderr, /^selected 2 of 2 scenarios that failed in the last run \(\d.*\)$/m)
    assert.match(again.stdout, /\n0 passed, 1 failed, 1 unknown\n$/)
    for (const name of ['fails', 'unknown'])
      writeFileSync(
        join(folder, 'features', `${name}.feature`),
        readFileSync(join(folder, 'features', `${name}.feature`), 'utf8')
          .replace('it is "h:/y"', 'it is "h:/x"')
          .replace('it cannot be judged', 'the share "h:/x" is looked at\n    Then it is "h:/x"'),
      )
    assert.match(run(folder, ['--last-failed']).stdout, /\n2 passed, 0 failed\n$/)
  })

  it('exits with 0 and says so if none failed', () => {
    const folder = project('passes')
    assert.equal(run(folder).code, 0)
    const { code, stdout, stderr } = run(folder, ['--last-failed'])
    assert.match(stderr, /^no scenario failed in the last run \(\d{8}t\d{6}-[0-9a-f]+\)\n$/)
    assert.deepEqual([stdout, code], ['', 0])
    assert.deepEqual(JSON.parse(run(folder, ['--last-failed', '--json']).stdout), { exitCode: 0, scenarios: [] })
  })

  it('exits with 2 if there is no last run', () => {
    const { code, stderr } = run(project('passes'), ['--last-failed'])
    assert.match(
      stderr,
      /there is no last run: reports\/latest\/journal\.ndjson does not exist\n {2}Run without --last/,
    )
    assert.equal(code, 2)
  })

  it('is narrowed by paths, tags and names', () => {
    const folder = project('fails', 'unknown')
    run(folder)
    assert.deepEqual(failedIn(folder, 'features/fails.feature').listed, ['features/fails.feature:2'])
    assert.deepEqual(failedIn(folder, '--tags', '@slow').listed, ['features/unknown.feature:3'])
    assert.deepEqual(failedIn(folder, '--name', 'claim').listed, ['features/fails.feature:2'])
    const { code, stderr } = failedIn(folder, '--name', 'next')
    assert.match(stderr, /no scenario that failed in the last run \(\d.*\) is selected/)
    assert.equal(code, 2)
  })

  it('includes scenarios that only run when selected, in another process as well', () => {
    const folder = project('later', 'fails')
    writeFileSync(
      join(folder, 'features', 'later.feature'),
      readFileSync(join(folder, 'features', 'later.feature'), 'utf8').replace('it is "h:/x"', 'it is "h:/z"'),
    )
    run(folder, ['features'])
    assert.deepEqual(failedIn(folder).listed, ['features/fails.feature:2', 'features/later.feature:3'])
    const { stdout } = run(folder, ['--last-failed', '--parallel', '2'])
    assert.match(stdout, /\n0 passed, 2 failed\n$/)
    assert.ok(existsSync(join(folder, 'reports', 'latest', 'workers')))
  })

  it('names locations without a scenario, and runs the others', () => {
    const folder = project('fails', 'unknown', 'machine')
    run(folder)
    rmSync(join(folder, 'features', 'machine.feature'))
    const file = join(folder, 'features', 'unknown.feature')
    writeFileSync(file, `\n${readFileSync(file, 'utf8')}`)
    const { listed, stderr, code } = failedIn(folder)
    assert.match(
      stderr,
      /^features\/machine\.feature:2 failed in the last run, but no scenario begins at that line now$/m,
    )
    assert.match(stderr, /^features\/unknown\.feature:3 failed in the last run, but/m)
    assert.match(stderr, /^selected 1 of 3 scenarios that failed/m)
    assert.deepEqual([listed, code], [['features/fails.feature:2'], 0])
  })
})
