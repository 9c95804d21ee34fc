import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after } from 'node:test'
import type { JournalEntry } from '../../journal/journal.ts'
import { readJournal } from '../../journal/journal-file.ts'
import { runOverview } from '../../report/run-overview.ts'

// Real Cucumber in real processes, without labs. The projects lie in the checkout, because their steps import Cucumber.
const root = join(import.meta.dirname, '../../..')
mkdirSync(join(root, 'reports'), { recursive: true })
const scratch = mkdtempSync(join(root, 'reports', '.test-'))
after(() => rmSync(scratch, { recursive: true, force: true }))

/** A program with `run` as its only command. */
export const main = join(scratch, 'main.ts')
writeFileSync(
  main,
  `import { runCommand } from ${JSON.stringify(join(root, 'src/cli/run.ts'))}
   await runCommand().parseAsync(process.argv.slice(2), { from: 'user' })`,
)

const steps = `
import { appendFileSync, existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { BeforeAll, Given, Then, When } from '@cucumber/cucumber'
import { defineObservation } from '${root}/src/verdict/observation/define-observation.ts'
import { isText } from '${root}/src/verdict/observation/facts.ts'
import { runOf } from '${root}/src/drill/run-context.ts'

BeforeAll(() => { if (process.env.BAD_HOOK) throw new Error('the hook broke') })
const it = defineObservation('it', isText)
const drill = (world) => runOf(world.parameters).drill
const mark = (what) => appendFileSync('marks', what + '\\n')
Given('a lab', function () {
  drill(this).own({ [Symbol.asyncDispose]: async () => { if (process.env.STUCK) await sleep(20_000); mark('undone') } })
})
When('{string} is seen', function (facts) {
  it.record(drill(this).journal, 'here', facts)
})
Then('it is {string}', function (facts) { drill(this).judge(it.is, { facts }) })
When('the worker dies', () => { console.log('about to die'); process.kill(process.pid, 'SIGKILL') })
When('{int} others are running', async function (count) {
  mark('running ' + process.pid)
  const { readFileSync } = await import('node:fs')
  while (new Set(readFileSync('marks', 'utf8').match(/running \\d+/g)).size <= count)
    await sleep(20, undefined, { signal: drill(this).signal })
})
When('another has finished', async function () {
  const { readFileSync } = await import('node:fs')
  while (!readFileSync('marks', 'utf8').includes('undone')) await sleep(20, undefined, { signal: drill(this).signal })
})
When('it takes a moment', () => { mark('started'); return sleep(500) })
When('all that started have finished', async () => {
  const { readFileSync } = await import('node:fs')
  const count = (word) => readFileSync('marks', 'utf8').split(word).length - 1
  const busy = () => count('started') - count('undone')
  if (busy() !== 0) throw new Error('others are running')
  mark('started')
  await sleep(300)
  mark('undone')
  if (busy() !== 0) throw new Error('another has started')
})
When('it takes long', function () {
  mark('waiting')
  return sleep(30_000, undefined, { signal: drill(this).signal })
})
`

export const passes = `Scenario: It passes
    Given a lab
    When "x" is seen
    Then it is "x"`
export const fails = `Scenario: The claim is wrong
    Given a lab
    When "x" is seen
    Then it is "y"`
export const waitsForOther = `Scenario: Both at once
    When 1 others are running
    And "x" is seen
    Then it is "x"`
export const failsBesideOther = `Scenario: It fails
    Given a lab
    When 1 others are running
    And "x" is seen
    Then it is "y"`
export const outlastsOther = `Scenario: It lasts longer
    When 1 others are running
    And another has finished
    And "x" is seen
    Then it is "x"`
export const takesMoment = `Scenario: It takes a moment
    Given a lab
    When 1 others are running
    And it takes a moment
    And "x" is seen
    Then it is "x"`
export const isolated = `@isolated
  Scenario: No other scenario runs
    When all that started have finished
    And "x" is seen
    Then it is "x"`
export const dies = `Scenario: It dies
    Given a lab
    When the worker dies`
export const diesTogether = `Scenario: It dies
    When 1 others are running
    And the worker dies`
export const takesLong = `Scenario: It takes long
    Given a lab
    When it takes long`
export const outline = `Scenario Outline: Number <n>
    When "<n>" is seen
    Then it is "<n>"
    Examples:
      | n |
      | 1 |
      | 2 |`

let projects = 0
/** Creates a project with these features, and returns its folder. */
export function project(features: Readonly<Record<string, readonly string[]>>): string {
  const folder = join(scratch, `p${++projects}`)
  mkdirSync(join(folder, 'features'), { recursive: true })
  mkdirSync(join(folder, 'steps'))
  writeFileSync(join(folder, 'steps', 'steps.ts'), steps)
  for (const [name, scenarios] of Object.entries(features))
    writeFileSync(join(folder, 'features', `${name}.feature`), `Feature: ${name}\n  ${scenarios.join('\n  ')}\n`)
  return folder
}

/** Runs a project to its end. */
export function run(folder: string, args: readonly string[] = [], env: Record<string, string> = {}) {
  const options = { cwd: folder, encoding: 'utf8', env: { ...process.env, ...env }, timeout: 60_000 } as const
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], options)
  return { code: status, stdout, stderr }
}

/** Runs a project to its end in two worker processes. */
export const runInTwo: typeof run = (folder, args = [], env = {}) => run(folder, ['--parallel', '2', ...args], env)

export function entriesOf(folder: string): readonly JournalEntry[] {
  const id = readdirSync(join(folder, 'reports')).find((name) => /^\d/.test(name)) ?? assert.fail('no report')
  // Reading it checks that it is numbered without gaps.
  return readJournal(join(folder, 'reports', id, 'journal.ndjson')).entries
}

export const report = (folder: string, file: string) => readFileSync(join(folder, 'reports', 'latest', file), 'utf8')
/** Lists the name and outcome of each drill of the project's only run. */
export const outcomes = (folder: string) => {
  const { drills } = runOverview(entriesOf(folder))
  assert.equal(new Set(drills.map(({ id }) => id)).size, drills.length)
  return drills.map(({ name, outcome }) => `${name}: ${outcome}`).sort()
}
