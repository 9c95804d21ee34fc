import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { JournalEntry } from '../../journal/journal.ts'
import { readJournal } from '../../journal/journal-file.ts'
import { runOverview } from '../../report/run-overview.ts'

// Real Cucumber in real processes, without labs. The project lies in the checkout, as its steps import Cucumber.
const root = join(import.meta.dirname, '../../..')
mkdirSync(join(root, 'reports'), { recursive: true })
const scratch = mkdtempSync(join(root, 'reports', '.test-'))
after(() => rmSync(scratch, { recursive: true, force: true }))

const main = join(scratch, 'main.ts')
writeFileSync(
  main,
  `import { runCommand } from ${JSON.stringify(join(root, 'src/cli/run.ts'))}
   await runCommand().parseAsync(process.argv.slice(2), { from: 'user' })`,
)

const steps = `
import { appendFileSync, existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { BeforeAll, Given, Then, When } from '@cucumber/cucumber'
import { observed } from '${root}/src/verdict/observation/observed.ts'
import { runOf } from '${root}/src/drill/run-context.ts'

BeforeAll(() => { if (process.env.BAD_HOOK) throw new Error('the hook broke') })
const drill = (world) => runOf(world.parameters).drill
const mark = (what) => appendFileSync('marks', what + '\\n')
Given('a lab', function () {
  drill(this).own({ [Symbol.asyncDispose]: async () => { if (process.env.STUCK) await sleep(20_000); mark('undone') } })
})
When('{string} is seen', function (facts) {
  drill(this).journal.append({ kind: 'observation', subject: 'it', where: 'here', facts })
})
Then('it is {string}', function (facts) { drill(this).judge(observed, { subject: 'it', facts }) })
When('the worker dies', () => { console.log('about to die'); process.kill(process.pid, 'SIGKILL') })
When('{int} others are at it', async function (count) {
  mark('at it ' + process.pid)
  const { readFileSync } = await import('node:fs')
  while (new Set(readFileSync('marks', 'utf8').match(/at it \\d+/g)).size <= count)
    await sleep(20, undefined, { signal: drill(this).signal })
})
When('another has ended', async function () {
  const { readFileSync } = await import('node:fs')
  while (!readFileSync('marks', 'utf8').includes('undone')) await sleep(20, undefined, { signal: drill(this).signal })
})
When('it takes a moment', () => { mark('begun'); return sleep(500) })
When('all that began have ended', async () => {
  const { readFileSync } = await import('node:fs')
  const count = (word) => readFileSync('marks', 'utf8').split(word).length - 1
  const busy = () => count('begun') - count('undone')
  if (busy() !== 0) throw new Error('others are at it')
  mark('begun')
  await sleep(300)
  mark('undone')
  if (busy() !== 0) throw new Error('another has begun')
})
When('it takes long', function () {
  mark('waiting')
  return sleep(30_000, undefined, { signal: drill(this).signal })
})
`

const passes = `Scenario: It passes
    Given a lab
    When "x" is seen
    Then it is "x"`
const claims = `Scenario: The claim is wrong
    Given a lab
    When "x" is seen
    Then it is "y"`
const meets = `Scenario: Both at once
    When 1 others are at it
    And "x" is seen
    Then it is "x"`
const failsBesideOther = `Scenario: It fails
    Given a lab
    When 1 others are at it
    And "x" is seen
    Then it is "y"`
const outlastsOther = `Scenario: It lasts longer
    When 1 others are at it
    And another has ended
    And "x" is seen
    Then it is "x"`
const outlives = `Scenario: It goes on for a while
    Given a lab
    When 1 others are at it
    And it takes a moment
    And "x" is seen
    Then it is "x"`
const needsQuiet = `@isolated
  Scenario: Nobody else is at it
    When all that began have ended
    And "x" is seen
    Then it is "x"`
const dies = `Scenario: It dies
    Given a lab
    When the worker dies`
const diesTogether = `Scenario: It dies
    When 1 others are at it
    And the worker dies`
const takesLong = `Scenario: It takes long
    Given a lab
    When it takes long`
const many = `Scenario Outline: Number <n>
    When "<n>" is seen
    Then it is "<n>"
    Examples:
      | n |
      | 1 |
      | 2 |`

let projects = 0
function project(features: Readonly<Record<string, readonly string[]>>): string {
  const folder = join(scratch, `p${++projects}`)
  mkdirSync(join(folder, 'features'), { recursive: true })
  mkdirSync(join(folder, 'steps'))
  writeFileSync(join(folder, 'steps', 'steps.ts'), steps)
  for (const [name, scenarios] of Object.entries(features))
    writeFileSync(join(folder, 'features', `${name}.feature`), `Feature: ${name}\n  ${scenarios.join('\n  ')}\n`)
  return folder
}

function runAsIs(folder: string, args: readonly string[] = [], env: Record<string, string> = {}) {
  const options = { cwd: folder, encoding: 'utf8', env: { ...process.env, ...env }, timeout: 60_000 } as const
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], options)
  return { code: status, stdout, stderr }
}

const run: typeof runAsIs = (folder, args = [], env = {}) => runAsIs(folder, ['--parallel', '2', ...args], env)

function entriesOf(folder: string): readonly JournalEntry[] {
  const id = readdirSync(join(folder, 'reports')).find((name) => /^\d/.test(name)) ?? assert.fail('no report')
  // Reading it checks that it is numbered without gaps.
  return readJournal(join(folder, 'reports', id, 'journal.ndjson')).entries
}

const report = (folder: string, file: string) => readFileSync(join(folder, 'reports', 'latest', file), 'utf8')
const outcomes = (folder: string) => {
  const { drills } = runOverview(entriesOf(folder))
  assert.equal(new Set(drills.map(({ id }) => id)).size, drills.length)
  return drills.map(({ name, outcome }) => `${name}: ${outcome}`).sort()
}

describe('a run in two processes', () => {
  it('drills two features at once, in one report', () => {
    const folder = project({ a: [meets, passes], b: [meets, many] })
    const { code, stdout, stderr } = run(folder)
    assert.equal(code, 0, stdout + stderr)
    assert.match(stdout, /\n5 passed, 0 failed\n$/)
    assert.deepEqual(outcomes(folder), [
      'Both at once: passed',
      'Both at once: passed',
      'It passes: passed',
      'Number 1: passed',
      'Number 2: passed',
    ])
    assert.match(report(folder, 'junit.xml'), /tests="5" skipped="0" failures="0"/)
    assert.match(report(folder, 'report.html'), /It passes[^]*Number 2|Number 2[^]*It passes/)
    assert.deepEqual(readdirSync(join(folder, 'reports', 'latest', 'workers')), ['1', '2'])
  })

  it('ends with 1 when one of them fails, and shows what failed', () => {
    const folder = project({ a: [passes], b: [claims] })
    const { code, stdout } = run(folder)
    assert.equal(code, 1)
    assert.match(stdout, /First failure:\nThe claim is wrong {2}\(features\/b\.feature:2\)\n {2}it is "y"\n/)
    assert.match(stdout, /it is x on here, expected y/)
    assert.match(report(folder, 'junit.xml'), /tests="2" skipped="0" failures="1"/)
  })

  it('is what the configuration of the project may ask for, and the command line may not', () => {
    const folder = project({ a: [meets], b: [meets] })
    writeFileSync(join(folder, 'dr-drill.config.yaml'), 'parallel: 2\nobjectives: { recoveryTime: 1h }\n')
    assert.equal(runAsIs(folder).code, 0)
    const other = project({ a: [passes], b: [passes] })
    writeFileSync(join(other, 'dr-drill.config.yaml'), 'parallel: 2\n')
    assert.equal(runAsIs(other, ['--parallel', '1']).code, 0)
    assert.equal(existsSync(join(other, 'reports', 'latest', 'workers')), false)
  })

  it('drills what is isolated when nothing else is under way, also of the same feature', () => {
    const folder = project({ a: [outlives, needsQuiet], b: [outlives], c: [needsQuiet], d: [needsQuiet, needsQuiet] })
    const { code, stdout } = run(folder)
    assert.equal(code, 0, stdout)
    assert.match(stdout, /\n6 passed, 0 failed\n$/)
  })

  it('is one process for one feature', () => {
    const folder = project({ a: [passes, claims] })
    assert.equal(run(folder).code, 1)
    assert.equal(existsSync(join(folder, 'reports', 'latest', 'workers')), false)
  })

  it('stops after a failure anywhere, when that is wanted', () => {
    const folder = project({ a: [failsBesideOther, passes], b: [outlastsOther, passes], c: [passes] })
    const { code, stdout } = run(folder, ['--fail-fast'])
    assert.equal(code, 1)
    assert.match(stdout, /– not run: It passes .*: a scenario before it failed \(--fail-fast\)/)
    const drilled = outcomes(folder)
    assert.equal(drilled.length, 5)
    assert.ok(drilled.filter((one) => one === 'It passes: not run').length >= 2, drilled.join())
  })

  it('knows of a hook around all scenarios that fails', () => {
    const { code, stdout } = run(project({ a: [passes], b: [passes] }), [], { BAD_HOOK: '1' })
    assert.equal(code, 1)
    assert.match(stdout, /the hook broke/)
  })

  it('goes on when a worker is killed: its scenario is unknown, the others are run', () => {
    const folder = project({ a: [dies, passes, passes], b: [passes, passes] })
    const { code, stdout } = run(folder)
    assert.equal(code, 3, stdout)
    assert.match(stdout, /\? unknown: It dies .*: worker \d \(process \d+\) was ended by SIGKILL before it was done/)
    assert.match(stdout, /^about to die$/m)
    assert.match(stdout, /\n4 passed, 1 failed\n$/)
    assert.match(report(folder, 'junit.xml'), /tests="5" skipped="0" failures="1"/)
    assert.match(report(folder, 'report.html'), /was ended by SIGKILL/)
  })

  it('says what was not run when no worker is left', () => {
    const folder = project({ a: [diesTogether, passes], b: [diesTogether, passes], c: [many] })
    const { code } = run(folder)
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
    assert.match(report(folder, 'junit.xml'), /tests="6" skipped="4" failures="2"/)
  })

  const wrong: readonly [string, readonly string[], RegExp][] = [
    ['no processes', ['--parallel', '0'], /must be a number from 1/],
    ['half a process', ['--parallel', '1.5'], /must be a number from 1/],
    ['a number that is none', ['--parallel', 'all'], /must be a number from 1/],
    ['labs that are kept', ['--keep-lab'], /--keep-lab .* does not go with --parallel/],
  ]
  for (const [what, args, says] of wrong)
    it(`refuses ${what}`, () => {
      const folder = project({ a: [passes], b: [passes] })
      const { code, stderr } = run(folder, args)
      assert.match(stderr, says)
      assert.ok(code === 2 || /must be a number/.test(stderr))
      assert.equal(existsSync(join(folder, 'reports')), false)
    })
})

describe('a run in two processes that is ended', () => {
  const both = { a: [takesLong, passes, passes], b: [takesLong, passes], c: [many] }
  const marks = (folder: string, word: string) => {
    const text = existsSync(join(folder, 'marks')) ? readFileSync(join(folder, 'marks'), 'utf8') : ''
    return text.split('\n').filter((line) => line === word).length
  }

  async function start(folder: string, env: Record<string, string> = {}) {
    const options = { cwd: folder, detached: true, env: { ...process.env, ...env } }
    const child = spawn(process.execPath, [main, '--parallel', '2'], options)
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
    const ended = new Promise<number | null>((resolve) => child.on('exit', resolve))
    for (let waitedMs = 0; marks(folder, 'waiting') < 2; waitedMs += 20) {
      assert.ok(waitedMs < 60_000 && child.exitCode === null, output)
      await sleep(20)
    }
    return { child, ended, output: () => output }
  }
  const toGroup = ({ pid }: ChildProcess, signal: NodeJS.Signals) => process.kill(-(pid ?? 0), signal)
  async function untilGroupIsGone({ pid }: ChildProcess): Promise<void> {
    const end = Date.now() + 30_000
    for (;;) {
      try {
        process.kill(-(pid ?? 0), 0)
      } catch {
        return
      }
      assert.ok(Date.now() < end, 'workers are still there')
      await sleep(50)
    }
  }

  for (const [what, signal] of [
    ['by Ctrl-C, which all of them get', toGroup],
    ['by a signal to the first', (child: ChildProcess, name: NodeJS.Signals) => child.kill(name)],
  ] as const)
    it(`130: ${what}, after cleaning up`, async () => {
      const folder = project(both)
      const { child, ended, output } = await start(folder)
      signal(child, 'SIGINT')
      assert.equal(await ended, 130, output())
      assert.equal(marks(folder, 'undone'), 2)
      assert.deepEqual(outcomes(folder), [
        'It passes: not run',
        'It passes: not run',
        'It passes: not run',
        'It takes long: unknown',
        'It takes long: unknown',
        'Number 1: not run',
        'Number 2: not run',
      ])
      assert.match(output(), /– not run: Number 2 .*: interrupted by SIGINT/)
      assert.equal(runOverview(entriesOf(folder)).errors.length, 1)
      await untilGroupIsGone(child)
    })

  it('130: at once by a second Ctrl-C while cleaning up', async () => {
    const folder = project(both)
    const { child, ended } = await start(folder, { STUCK: '1' })
    toGroup(child, 'SIGINT')
    await sleep(600)
    assert.equal(child.exitCode, null)
    toGroup(child, 'SIGINT')
    assert.equal(await ended, 130)
    await untilGroupIsGone(child)
    assert.equal(marks(folder, 'undone'), 0)
  })

  it('by kill -9 of the first: its workers clean up, and its journal can be read', async () => {
    const folder = project(both)
    const { child, ended } = await start(folder)
    // A worker's step may run before what it wrote of it has reached the first.
    for (const end = Date.now() + 30_000; runOverview(entriesOf(folder)).drills.length < 2; await sleep(20))
      assert.ok(Date.now() < end, 'what the workers write does not reach the run')
    child.kill('SIGKILL')
    await ended
    await untilGroupIsGone(child)
    assert.equal(marks(folder, 'undone'), 2)
    assert.equal(runOverview(entriesOf(folder)).drills.length, 2)
  })
})
