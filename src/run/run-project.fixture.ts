/** The steps of the project, which import sources of the checkout. */
export const steps = (root: string): string => `
import { appendFileSync, existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { Before, BeforeAll, defineParameterType, Given, Then, When } from '@cucumber/cucumber'
import { InputError, MachineError } from '${root}/src/errors.ts'
import { defineObservation } from '${root}/src/verdict/observation/define-observation.ts'
import { isFiniteNumber, isText } from '${root}/src/verdict/observation/facts.ts'
import { runOf } from '${root}/src/drill/run-context.ts'

defineParameterType({ name: 'share', regexp: /"([^"]*)"/, transformer: (text) => {
  if (!text.includes(':/')) throw new InputError(text + ' is not a share (host:/path)')
  return text
} })
BeforeAll(() => { if (process.env.BAD_HOOK) throw new Error('the hook broke') })
const shareSeen = defineObservation('share', isText)
const drill = (world) => runOf(world.parameters).drill
const done = (what) => ({ [Symbol.asyncDispose]: async () => {
  if (process.env.STUCK) await sleep(20_000)
  appendFileSync('undone', what + '\\n')
} })
Given('a lab', function () { drill(this).enter('provision'); drill(this).own(done('lab')) })
When('the share {share} is looked at', function (share) {
  drill(this).enter('restore')
  shareSeen.record(drill(this).journal, 'appliance', share)
})
When('mount fails on {string}', function (where) {
  drill(this).journal.append({ kind: 'observation', subject: 'mount table', where, facts: ['/dev/ubda on /', 'tmpfs on /run'] })
  drill(this).journal.append({ kind: 'command', where, command: "mount --bind /a '/b c'", user: { uid: 7, gid: 8 },
    ended: 'exited', exitCode: 32, stdout: '', stderr: 'mount: /b c: mount point does not exist.', durationMs: 12 })
  throw new Error('mount failed')
})
Then('it is {string}', function (facts) { drill(this).judge(shareSeen.is, { facts }) })
Then('it cannot be judged', function () { drill(this).judge(defineObservation('nothing', isFiniteNumber).is, { facts: 1 }) })
When('the engine is lost', () => { throw new MachineError('engine-lost', 'the engine stopped answering') })
const isFirst = (file) => { if (existsSync(file)) return false; appendFileSync(file, ''); return true }
When('the engine is lost once', () => { if (isFirst('lost')) throw new MachineError('engine-lost', 'the engine stopped answering') })
When('its process is killed once', async () => { if (isFirst('killed')) { process.kill(process.pid, 'SIGKILL'); await sleep(5000) } })
When('it takes long', function () {
  appendFileSync('started', 'x')
  return sleep(30_000, undefined, { signal: drill(this).signal })
})
When('there is no netem', function () { return drill(this).notRun('this kernel has no netem') })
When('it is ambiguous', () => {})
When(/^it is ambig.ous$/, () => {})
Before({ tags: '@broken' }, () => { throw new Error('the scenario hook broke') })
Before({ tags: '@nothere' }, () => 'skipped')
When('it is pending', () => 'pending')
When('it skips itself', () => 'skipped')
When('much is attached', function () { this.attach('x'.repeat(200_000), 'application/json') })
When('secrets are recorded', function () {
  const { journal } = drill(this)
  const output = 'OS_PASSWORD=planted-in-output\\n-----BEGIN PRIVATE KEY-----\\nMIIplanted\\n-----END PRIVATE KEY-----'
  journal.append({ kind: 'command', where: 'node', command: 'openstack --os-password planted-in-a-command token issue', ended: 'exited',
    exitCode: 0, stdout: output, stderr: 'Authorization: Bearer planted-in-a-header', durationMs: 1 })
  shareSeen.record(journal, 'appliance', 'https://user:planted-in-an-observation@host/')
  this.attach(Buffer.from('application_credential_secret: planted-in-an-attachment'), 'text/plain')
  this.log('X-Auth-Token: planted-in-a-log')
  throw new Error('cannot reach https://user:planted-in-an-error@host')
})
When('it takes {int} ms', (ms) => sleep(ms))
`

/** Features by file name. Each lacks its first line. */
export const features = {
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
  Scenario: Nothing was observed
    Given a lab
    Then it cannot be judged`,
  machine: `  Scenario: The engine is lost
    Given a lab
    When the engine is lost`,
  lostonce: `  Scenario: The engine is lost once
    Given a lab
    When the engine is lost once
    When the share "h:/x" is looked at
    Then it is "h:/x"`,
  killedonce: `  Scenario: Its process is killed once
    Given a lab
    When its process is killed once
    When the share "h:/x" is looked at
    Then it is "h:/x"`,
  undefined: `  Scenario: Unknown steps
    Given a lab
    When pigs fly
    Then pigs fly`,
  misspelled: `  Scenario: A misspelled step
    When the shares "h:/x" is lookd at`,
  ambiguous: `  Scenario: An ambiguous step
    When it is ambiguous`,
  empty: '  Scenario: No steps',
  unparsable: '  Scenario: Oops\n    Given a lab\n    Gven a lab',
  none: '',
  badshare: `  Scenario: Not a share
    When the share "x" is looked at`,
  notrun: `  Scenario: Cannot be run here
    Given a lab
    When there is no netem`,
  long: `  Scenario: It takes long
    Given a lab
    When it takes long
  Scenario: Never started
    Given a lab`,
  slow: `  Scenario: A slow step
    When it takes 2100 ms
    When the share "h:/x" is looked at
    Then it is "h:/x"`,
  hooked: `  @broken
  Scenario: Its hook breaks
    Given a lab`,
  pending: `  Scenario: A pending step
    When it is pending`,
  skips: `  Scenario: A step skips itself
    When it skips itself
  @nothere
  Scenario: A hook skips it
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
  secrets: `  Scenario: Secrets are recorded
    https://user:planted-in-a-description@host
    When secrets are recorded`,
  judgesnothing: `  Scenario: No step judges anything
    Given a lab`,
} satisfies Readonly<Record<string, string>>

export type FeatureName = keyof typeof features
