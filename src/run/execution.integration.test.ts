import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { JournalEntry } from '../journal/journal.ts'
import { readJournal } from '../journal/journal-file.ts'
import { reportFormats } from '../report/index.ts'

// Real Cucumber on small projects, each run a process of its own as it is for users. They lie in the checkout, as the
// steps import Cucumber.
const root = join(import.meta.dirname, '../..')
mkdirSync(join(root, 'reports'), { recursive: true })
const scratch = mkdtempSync(join(root, 'reports', '.test-'))
after(() => rmSync(scratch, { recursive: true, force: true }))

const main = join(scratch, 'main.ts')
writeFileSync(
  main,
  `import { appendFileSync } from 'node:fs'
   import { runCommand } from ${JSON.stringify(join(root, 'src/cli/run.ts'))}
   import { about } from ${JSON.stringify(join(root, 'src/verdict/question.ts'))}
   import { nothingLeft } from ${JSON.stringify(join(root, 'src/verdict/observation/nothing-left.ts'))}
   const kinds = { containers: [], networks: [], volumes: [], namespaces: [], processes: [], mounts: [], folders: [] }
   const left = { ...kinds, volumes: process.env.LEAK ? [process.env.LEAK] : [] }
   const hooks = {
     before: async (run) => { if (process.env.NO_ENGINE) throw new Error('no engine') },
     after: async (run) => {
       run.journal.append({ kind: 'observation', subject: 'left behind', where: 'localhost', facts: left })
       return about(nothingLeft, {})(run.journal.entries())
     },
   }
   await runCommand({ labs: () => hooks }).parseAsync(process.argv.slice(2), { from: 'user' })`,
)

const steps = `
import { appendFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { Before, BeforeAll, defineParameterType, Given, Then, When } from '@cucumber/cucumber'
import { InputError, MachineError } from '${root}/src/errors.ts'
import { observed } from '${root}/src/verdict/observation/observed.ts'
import { runOf } from '${root}/src/drill/run-context.ts'

defineParameterType({ name: 'share', regexp: /"([^"]*)"/, transformer: (text) => {
  if (!text.includes(':/')) throw new InputError(text + ' is no share: host:/path')
  return text
} })
BeforeAll(() => { if (process.env.BAD_HOOK) throw new Error('the hook broke') })
const drill = (world) => runOf(world.parameters).drill
const done = (what) => ({ [Symbol.asyncDispose]: async () => {
  if (process.env.STUCK) await sleep(20_000)
  appendFileSync('undone', what + '\\n')
} })
Given('a lab', function () { drill(this).enter('provision'); drill(this).own(done('lab')) })
When('the share {share} is looked at', function (share) {
  drill(this).enter('restore')
  drill(this).journal.append({ kind: 'observation', subject: 'share', where: 'appliance', facts: share })
})
When('mount fails on {string}', function (where) {
  drill(this).journal.append({ kind: 'observation', subject: 'mount table', where, facts: ['/dev/ubda on /', 'tmpfs on /run'] })
  drill(this).journal.append({ kind: 'command', where, command: "mount --bind /a '/b c'", user: { uid: 7, gid: 8 },
    ended: 'exited', exitCode: 32, stdout: '', stderr: 'mount: /b c: mount point does not exist.', durationMs: 12 })
  throw new Error('mount failed')
})
Then('it is {string}', function (facts) { drill(this).judge(observed, { subject: 'share', facts }) })
Then('nobody knows', function () { drill(this).judge(observed, { subject: 'nothing', facts: 1 }) })
When('the engine is gone', () => { throw new MachineError('engine-lost', 'the engine stopped answering') })
When('it takes long', function () {
  appendFileSync('started', 'x')
  return sleep(30_000, undefined, { signal: drill(this).signal })
})
When('there is no netem', function () { return drill(this).notRun('this kernel has no netem') })
When('it is said twice', () => {})
When(/^it is said tw.ce$/, () => {})
Before({ tags: '@broken' }, () => { throw new Error('the scenario hook broke') })
Before({ tags: '@nothere' }, () => 'skipped')
When('it is pending', () => 'pending')
When('it gives up', () => 'skipped')
When('much is attached', function () { this.attach('x'.repeat(200_000), 'application/json') })
When('it takes {int} ms', (ms) => sleep(ms))
`

const features: Readonly<Record<string, string>> = {
  passes: `  Scenario: All is well
    Given a lab
    When the share "h:/x" is looked at
    Then it is "h:/x"`,
  fails: `  Scenario: The claim is wrong
    Given a lab
    When the share "h:/x" is looked at
    Then it is "h:/y"
  Scenario: The next one
    Given a lab
    When the share "h:/x" is looked at
    Then it is "h:/x"`,
  breaks: `  Scenario: A mount fails
    When mount fails on "recovery/compute-1"`,
  unknown: `  @slow
  Scenario: Nobody looked
    Given a lab
    Then nobody knows`,
  machine: `  Scenario: The engine goes
    Given a lab
    When the engine is gone`,
  undefined: `  Scenario: What is this
    Given a lab
    When pigs fly
    Then pigs fly`,
  misspelt: `  Scenario: What was meant
    When the shares "h:/x" is lookd at`,
  ambiguous: `  Scenario: Which one
    When it is said twice`,
  empty: '  Scenario: Nothing at all',
  unparsable: '  Scenario: Oops\n    Given a lab\n    Gven a lab',
  none: '',
  badshare: `  Scenario: No share
    When the share "x" is looked at`,
  notrun: `  Scenario: Cannot be run here
    Given a lab
    When there is no netem`,
  long: `  Scenario: It takes long
    Given a lab
    When it takes long
  Scenario: Never begun
    Given a lab`,
  slow: `  Scenario: A slow step
    When it takes 2100 ms
    When the share "h:/x" is looked at
    Then it is "h:/x"`,
  hooked: `  @broken
  Scenario: Its hook breaks
    Given a lab`,
  pending: `  Scenario: Not written yet
    When it is pending`,
  givesup: `  Scenario: It gives up
    When it gives up
  @nothere
  Scenario: A hook gives up
    Given a lab`,
  attaches: `  Scenario: Much is attached
    When much is attached
    When the share "h:/x" is looked at
    Then it is "h:/x"`,
  later: `  @full
  Scenario: The long matrix
    Given a lab
    When the share "h:/x" is looked at
    Then it is "h:/x"`,
  judgesnothing: `  Scenario: Nobody claims anything
    Given a lab`,
}

let projects = 0
function project(...names: readonly string[]): string {
  const folder = join(scratch, `p${++projects}`)
  mkdirSync(join(folder, 'features'), { recursive: true })
  mkdirSync(join(folder, 'steps'))
  // Its steps are of the same names as the published ones.
  writeFileSync(join(folder, 'dr-drill.config.yaml'), 'steps: [steps]\n')
  writeFileSync(join(folder, 'steps', 'steps.ts'), steps)
  for (const name of names) {
    writeFileSync(join(folder, 'features', `${name}.feature`), `Feature: It ${name}\n${features[name]}\n`)
  }
  return folder
}

interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  readonly folder: string
}

function run(folder: string, args: readonly string[] = [], env: Record<string, string> = {}): Outcome {
  const options = { cwd: folder, encoding: 'utf8', env: { ...process.env, ...env }, timeout: 60_000 } as const
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], options)
  return { code: status, stdout, stderr, folder }
}

function journalOf({ folder }: { readonly folder: string }): readonly JournalEntry[] {
  const id = readdirSync(join(folder, 'reports')).find((name) => /^\d/.test(name)) ?? assert.fail('no report')
  return readJournal(join(folder, 'reports', id, 'journal.ndjson')).entries
}

const report = ({ folder }: Outcome, file: string): string =>
  readFileSync(join(folder, 'reports', 'latest', file), 'utf8')

describe('a run', () => {
  it('0: all passed, with every report of the menu', () => {
    const outcome = run(project('passes'))
    assert.equal(outcome.code, 0, outcome.stderr + outcome.stdout)
    assert.match(outcome.stdout, /\n1 passed, 0 failed\n$/)
    assert.match(outcome.stdout, /▶ 1\/1 All is well \(features\/passes\.feature:2\)\n✔ All is well \(\d\.\d s\)/)
    assert.match(outcome.stdout, /Phases: provision .*, restore .*, tear down/)
    assert.match(report(outcome, 'summary.md'), /\*\*pass\*\* what was observed is what was expected: share is h:\/x/)
    assert.match(report(outcome, 'summary.md'), /exit code 0/)
    assert.match(report(outcome, 'junit.xml'), /<testsuite name="Cucumber".*tests="1".*failures="0"/)
    assert.match(report(outcome, 'report.html'), /<html[^]*All is well[^]*<\/html>/)
    const names = readdirSync(join(outcome.folder, 'reports', 'latest'))
    assert.deepEqual(names.sort(), [...Object.keys(reportFormats), 'journal.ndjson'].sort())
    assert.match(readlinkSync(join(outcome.folder, 'reports', 'latest')), /^\d{8}-?t?\d{6}-[0-9a-f]+$/)
    assert.equal(readFileSync(join(outcome.folder, 'undone'), 'utf8'), 'lab\n')
    assert.partialDeepStrictEqual(journalOf(outcome).at(-1), { kind: 'run-ended', exitCode: 0 })
  })

  it('1: a claim is wrong, says why, and the next scenario is run', () => {
    const outcome = run(project('fails'))
    assert.equal(outcome.code, 1)
    assert.match(outcome.stdout, /share is h:\/x on appliance, expected h:\/y/)
    assert.match(
      outcome.stdout,
      /First failure:\nThe claim is wrong {2}\(features\/fails\.feature:2\)\n {2}it is "h:\/y"\n/,
    )
    assert.match(outcome.stdout, /\n1 passed, 1 failed\n$/)
    assert.equal(readFileSync(join(outcome.folder, 'undone'), 'utf8'), 'lab\nlab\n')
    assert.match(report(outcome, 'junit.xml'), /failures="1"/)
  })

  it('1: shows the first failure whole', () => {
    const { code, stdout } = run(project('breaks'))
    assert.equal(code, 1)
    assert.match(
      stdout,
      /on recovery\/compute-1 as 7:8 \(exit code 32, 12 ms\):\n {2}mount --bind \/a '\/b c'\n {2}mount: \/b c/,
    )
    assert.match(stdout, /mounted on recovery\/compute-1:\n {2}\/dev\/ubda on \/\n {2}tmpfs on \/run\n/)
    assert.doesNotMatch(stdout, /node_modules/)
    assert.match(stdout, /\.\/drill run features\/breaks\.feature:2 --keep-lab/)
  })

  it('1: stops after the first failure when told to, and says what was not run', () => {
    const outcome = run(project('fails'), ['--fail-fast'])
    assert.equal(outcome.code, 1)
    assert.match(outcome.stdout, /– not run: The next one .*: a scenario before it failed/)
    assert.match(outcome.stdout, /\n0 passed, 1 failed, 1 skipped\n$/)
  })

  it('3: it could not be judged; a failure wins over it', () => {
    for (const name of ['unknown', 'machine']) assert.equal(run(project(name)).code, 3, name)
    assert.equal(run(project('unknown', 'fails')).code, 1)
  })

  it('3: nothing was judged', () => {
    const { code, stdout } = run(project('judgesnothing', 'passes'))
    assert.equal(code, 3)
    assert.match(stdout, /unknown: Nobody claims anything .*: nothing was judged: no step claims anything/)
    assert.match(stdout, /\n1 passed, 0 failed, 1 skipped\n$|1 could not be judged/)
  })

  it('3: something was not run, unless that is allowed', () => {
    const folder = project('notrun', 'passes')
    const outcome = run(folder)
    assert.equal(outcome.code, 3)
    assert.match(outcome.stdout, /– not run: Cannot be run here .*: this kernel has no netem\n/)
    assert.match(outcome.stdout, /\n1 passed, 0 failed, 1 skipped\n$/)
    assert.equal(run(folder, ['--allow-not-run']).code, 0)
  })

  it('1: a leak, and a hook of the user that fails; whoever surrounds the run may stop it', () => {
    const leaked = run(project('passes'), [], { LEAK: 'data' })
    assert.equal(leaked.code, 1)
    assert.match(leaked.stdout, /fail: nothing is left behind: volumes: data/)
    const hook = run(project('passes'), [], { BAD_HOOK: '1' })
    assert.equal(hook.code, 1)
    assert.match(hook.stdout, /the hook broke/)
    const engine = run(project('passes'), [], { NO_ENGINE: '1' })
    assert.equal(engine.code, 1)
    assert.match(engine.stdout, /no engine/)
    assert.match(engine.stdout, /\n0 passed, 0 failed\n$/)
  })

  const wrong: readonly [string, string, readonly string[], RegExp][] = [
    [
      'an undefined step',
      'undefined',
      [],
      /features\/undefined\.feature:4, features\/undefined\.feature:5: undefined step "pigs fly"\n {2}.*\('pigs fly'/,
    ],
    [
      'an undefined step, with what comes near',
      'misspelt',
      [],
      /undefined step "the shares "h:\/x" is lookd at": did you mean "the share \{share\} is looked at"\?\n[^]*no steps of dr-drill itself are loaded/,
    ],
    [
      'an ambiguous step',
      'ambiguous',
      [],
      /ambiguous\.feature:3: ambiguous step "it is said twice" matches\n {2}it is said twice {2}\(steps\/steps\.ts:\d+\)\n/,
    ],
    ['a scenario without steps', 'empty', [], /empty\.feature:2: "Nothing at all" has no steps/],
    ['a share that does not parse', 'badshare', [], /features\/badshare\.feature:3: x is no share/],
    [
      'a feature that does not parse',
      'unparsable',
      [],
      /features\/unparsable\.feature does not parse: \(4:5\).*Gven a lab/,
    ],
    ['an unknown tag', 'passes', ['--tags', '@slow or @foo'], /unknown tag @slow, @foo: no scenario/],
    [
      'a tag expression that does not parse',
      'passes',
      ['--tags', '@a and and'],
      /cannot choose scenarios: .*Tag expression/,
    ],
    [
      'tags that exclude everything',
      'unknown',
      ['--tags', 'not @slow'],
      /no scenario in features\/ with the tags not @slow is chosen/,
    ],
    ['a name that matches nothing', 'passes', ['--name', 'All', '--name', 'Nix'], /named like Nix/],
    [
      'a name that is no regular expression',
      'passes',
      ['--name', '('],
      /cannot choose scenarios: Invalid regular expression/,
    ],
    [
      'a file that is not there',
      'passes',
      ['features/passes.feature', 'features/nope.feature'],
      /no such file: features\/nope\.feature/,
    ],
    [
      'a line without a scenario',
      'passes',
      ['features/passes.feature:9'],
      /no scenario in features\/passes\.feature:9 is chosen/,
    ],
    ['no scenarios at all', 'none', [], /there are no scenarios in features\//],
    [
      'reports in a file',
      'passes',
      ['--reports', 'features/passes.feature'],
      /cannot write .*ENOTDIR|cannot write .*EEXIST/,
    ],
  ]
  for (const [what, name, args, says] of wrong) {
    it(`2: ${what}, before anything starts`, () => {
      const outcome = run(project(name), args)
      assert.match(outcome.stderr, says)
      assert.equal(outcome.code, 2)
      assert.equal(existsSync(join(outcome.folder, 'undone')), false)
      assert.equal(existsSync(join(outcome.folder, 'reports')), false)
    })
  }

  it('1: a hook of a scenario that fails, a step that is not written yet', () => {
    const hooked = run(project('hooked'))
    assert.equal(hooked.code, 1)
    assert.match(hooked.stdout, /✘ failed: Its hook breaks .*the scenario hook broke/)
    const pending = run(project('pending'))
    assert.equal(pending.code, 1)
    assert.match(pending.stdout, /the step "it is pending" is not written yet/)
  })

  it('3: a step or a hook that gives up without a reason is not skipped silently', () => {
    const { code, stdout } = run(project('givesup'), ['features'])
    assert.equal(code, 3)
    assert.match(stdout, /– not run: It gives up .*: "it gives up" gave up without a reason/)
    assert.match(stdout, /– not run: A hook gives up .*: a hook gave up without a reason/)
    assert.match(stdout, /\n0 passed, 0 failed, 2 skipped\n$/)
  })

  it('keeps the journal small, whatever is attached', () => {
    const outcome = run(project('attaches'))
    assert.equal(outcome.code, 0)
    assert.ok(JSON.stringify(journalOf(outcome)).length < 50_000)
    assert.match(report(outcome, 'report.html'), /application\/json, 200000 characters: too long for the journal/)
  })

  it('3: the disk is full', () => {
    // The kernel refuses to let a file grow beyond the limit, as it does on a full disk.
    const folder = project('passes')
    const argv = ['-c', `trap '' XFSZ; ulimit -f 8; exec "$@"`, 'sh', process.execPath, main]
    const { status, stdout } = spawnSync('sh', argv, { cwd: folder, encoding: 'utf8' })
    assert.equal(status, 3)
    assert.match(stdout, /– not run: All is well .*: cannot write .*journal\.ndjson: /)
    assert.equal(existsSync(join(folder, 'undone')), false)
  })

  it('2: steps that cannot be loaded', () => {
    const folder = project('passes')
    writeFileSync(join(folder, 'steps', 'more.ts'), "import './gone.ts'")
    const { code, stderr } = run(folder)
    assert.equal(code, 2)
    assert.match(stderr, /cannot load the steps: .*gone\.ts/)
  })

  it('lists on a dry run, and runs nothing', () => {
    const outcome = run(project('passes', 'fails'), ['--dry-run'])
    assert.equal(outcome.code, 0)
    assert.match(outcome.stdout, /The claim is wrong \(features\/fails\.feature:2\)\n[^]*3 can be run\n/)
    assert.equal(existsSync(join(outcome.folder, 'reports')), false)
  })

  it('leaves out @full unless something is asked for', () => {
    const folder = project('later', 'passes')
    assert.match(run(folder).stdout, /\n1 passed, 0 failed\n$/)
    assert.match(run(folder, ['features']).stdout, /\n2 passed, 0 failed\n$/)
  })

  it('gives programs one JSON object on standard output, and people the rest', () => {
    const { stdout, stderr } = run(project('fails'), ['--json'])
    const json = JSON.parse(stdout)
    assert.equal(json.exitCode, 1)
    assert.deepEqual(json.counts, { passed: 1, failed: 1, unknown: 0, 'not run': 0 })
    assert.equal(json.drills[0].findings[0].verdict, 'fail')
    assert.match(stderr, /\n1 passed, 1 failed\n$/)
    assert.equal(JSON.parse(run(project('passes'), ['--json', '--tags', '@x']).stdout).exitCode, 2)
  })

  it('tells of a step that takes long where there is no terminal', () => {
    assert.match(run(project('slow')).stdout, /▶ 1\/1 A slow step .*\n {2}2\.\d s {2}it takes 2100 ms\n✔/)
  })
})

describe('a run that is ended', () => {
  async function start(
    folder: string,
    env: Record<string, string> = {},
  ): Promise<ChildProcess & { readonly output: () => string }> {
    const child = spawn(process.execPath, [main], { cwd: folder, env: { ...process.env, ...env } })
    let text = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += chunk))
    for (let waitedMs = 0; !existsSync(join(folder, 'started')); waitedMs += 20) {
      assert.ok(waitedMs < 20_000 && child.exitCode === null, text)
      await sleep(20)
    }
    return Object.assign(child, { output: () => text })
  }
  const end = (child: ChildProcess): Promise<number | null> => new Promise((resolve) => child.on('close', resolve))

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    it(`130: by ${signal}, after cleaning up`, async () => {
      const folder = project('long')
      const child = await start(folder)
      const ended = end(child)
      child.kill(signal)
      child.kill(signal)
      assert.equal(await ended, 130, child.output())
      assert.equal(readFileSync(join(folder, 'undone'), 'utf8'), 'lab\n')
      assert.match(child.output(), new RegExp(`interrupted by ${signal}: ending the drill`))
      assert.match(child.output(), /– not run: Never begun .*: interrupted by/)
      assert.match(child.output(), /\n0 passed, 1 failed, 1 skipped\n$/)
      assert.partialDeepStrictEqual(journalOf({ folder }).at(-1), { kind: 'run-ended', exitCode: 130 })
      assert.ok(existsSync(join(folder, 'reports', 'latest', 'report.html')))
    })
  }

  it('130: at once by a second Ctrl-C while cleaning up', async () => {
    const folder = project('long')
    const child = await start(folder, { STUCK: '1' })
    const ended = end(child)
    child.kill('SIGINT')
    await sleep(600)
    assert.equal(child.exitCode, null)
    const killedMs = performance.now()
    child.kill('SIGINT')
    assert.equal(await ended, 130)
    assert.ok(performance.now() - killedMs < 12_000)
    assert.match(child.output(), /guests of the lab notice it and end by themselves/)
    assert.partialDeepStrictEqual(journalOf({ folder }).at(-1), { kind: 'run-ended', exitCode: 130 })
  })

  it('by kill -9 leaves a journal that can be read', async () => {
    const folder = project('long')
    const child = await start(folder)
    const ended = end(child)
    child.kill('SIGKILL')
    await ended
    const entries = journalOf({ folder })
    assert.partialDeepStrictEqual(entries[0], { kind: 'run-started' })
    assert.ok(entries.some((entry) => entry.kind === 'phase-started' && entry.phase === 'provision'))
    assert.equal(existsSync(join(folder, 'undone')), false)
  })
})
