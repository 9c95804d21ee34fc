import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { PlannedWorkload } from '../generate/target-plan.ts'
import { testCa } from '../handover/mail/certificate.fixture.ts'
import { MailServer, testLogin } from '../handover/mail/mail-server.fixture.ts'
import { cloudFileText } from '../identity/cloud-file.ts'
import { cloudSchema } from '../identity/cloud-schema.ts'
import { describeCloud } from '../identity/described-cloud.ts'
import { check } from '../input/schema-check.ts'
import { cloudOf, makeTarget, removeFixtures, scratch } from '../workloadmgr/manager.fixture.ts'
import { describeError, exitCodeFor } from './print-error.ts'
import { buildProgram } from './program.ts'
import { parse } from './run-program.ts'
import { StartedCommand } from './started-command.fixture.ts'

after(removeFixtures)
const main = join(import.meta.dirname, 'main.ts')
const folder = scratch('notify-cli')
const file = (name: string) => join(folder, name)
const { PATH, NODE_COMPILE_CACHE } = process.env
const environment = { PATH, NODE_COMPILE_CACHE, HOME: folder, XDG_STATE_HOME: file('state') }
let planned: readonly PlannedWorkload[] = []

/** A cloud with the owners of the workloads, and these addresses. */
function writeCloud(name: string, addresses: readonly (string | undefined)[]): void {
  const { users = [], ...cloud } = cloudOf(planned)
  const withAddress = users.map((user, nth) => ({ ...user, ...(addresses[nth] && { email: addresses[nth] }) }))
  const checked = check(cloudSchema, { ...cloud, users: withAddress }, 'test')
  writeFileSync(file(`${name}.json`), cloudFileText(describeCloud(checked, 'recovery', 'test')))
}

before(async () => {
  planned = await makeTarget(file('target'), { workloads: 3, snapshots: 2 })
  writeCloud('partly', ['alice@example.org', 'bob@example.org', undefined])
  writeCloud('whole', ['alice@example.org', 'bob@example.org', 'carol@example.org'])
  writeFileSync(file('ca.pem'), testCa)
  writeFileSync(file('password'), `${testLogin.password}\n`)
  const assessed = command(['assess', 'target', '--depth', 'content', '--json'])
  await assessed.ended()
  writeFileSync(file('a.ndjson'), stdoutOf(assessed))
})

const stdoutOf = ({ output, messages }: StartedCommand) => output.slice(0, output.length - messages.length)

const command = (args: readonly string[]) =>
  new StartedCommand([process.execPath, main, ...args], {
    env: environment,
    cwd: folder,
  })

interface Report {
  readonly isDryRun: boolean
  readonly deliveries: readonly { readonly user: string; readonly state: string; readonly why?: string }[]
  readonly unreachable: readonly { readonly user?: string; readonly why: string }[]
  readonly written: readonly string[]
}

const base = ['handover', 'notify', '--from-assessment', 'a.ndjson', '--from', 'dr@example.org']

/** Runs the command, and returns how it ended and what it reports. */
async function notify(cloud: string, ...args: readonly string[]) {
  const run = command([...base, '--cloud-file', `${cloud}.json`, '--json', ...args])
  const exitCode = await run.ended()
  const text = stdoutOf(run)
  const { deliveries = [], unreachable = [], ...report } = (text === '' ? {} : JSON.parse(text)) as Partial<Report>
  const states = [
    ...deliveries.map(({ user, state }) => `${user}: ${state}`),
    ...unreachable.map(({ user }) => `${user}: cannot be notified`),
  ]
  return { ...report, exitCode, states, deliveries, unreachable, messages: run.messages }
}

/** Options to send over a mail server, as a person without a terminal. */
const over = (port: number, ledger: string) => [
  ...['--smtp', `smtp://${encodeURIComponent(testLogin.user)}@localhost:${port}`, '--smtp-password-file', 'password'],
  ...['--ca', 'ca.pem', '--ledger', ledger, '--yes'],
]
const receivers = ({ received }: MailServer) => received.map(({ to }) => to.join())

describe('handover notify', () => {
  it('prints who would get what in a dry run, writes the mails, and sends nothing', async () => {
    const shown = command([...base, '--cloud-file', 'partly.json', '--dry-run', '--write', 'mails'])
    assert.equal(await shown.ended(), 1, shown.output)
    assert.match(
      stdoutOf(shown),
      /^– user-0 +alice@example\.org +to be sent\n +1 of 1 workload proven to restore: workload-1$/m,
    )
    assert.match(
      stdoutOf(shown),
      /^✘ user-2 +cannot be notified\n +the user has no mail address; owner of workload-3$/m,
    )
    assert.match(stdoutOf(shown), /^✘ 2 of 3 owners would be notified\. 1 cannot be notified\. Nothing was sent\.\n$/m)
    const mails = readdirSync(file('mails')).toSorted()
    assert.deepEqual(
      mails.map((name) => name.replace(/-[\da-f]{8}\.eml$/, '')),
      ['user-0', 'user-1'],
    )
    for (const name of mails) {
      const path = join(file('mails'), name)
      assert.equal(statSync(path).mode & 0o777, 0o600)
      const user = name.slice(0, 6)
      const mail = readFileSync(path, 'utf8')
      assert.match(mail, new RegExp(`^To: "${user}" <${user === 'user-0' ? 'alice' : 'bob'}@example\\.org>\r$`, 'm'))
      const [own, other] = user === 'user-0' ? ['workload-1', 'workload-2'] : ['workload-2', 'workload-1']
      assert.deepEqual([mail.includes(own), mail.includes(other)], [true, false])
    }
    const again = command([...base, '--cloud-file', 'whole.json', '--dry-run', '--write', 'mails'])
    assert.equal(await again.ended(), 2, again.output)
    assert.match(again.messages, /^dr-drill: --write: EEXIST/)
  })

  it('sends in a second run only what the first one did not, and no user gets two mails', async () => {
    await using server = await MailServer.open()
    server.refused = ['bob@example.org']
    const first = await notify('partly', ...over(server.port, 'batch'))
    assert.deepEqual(first.states, ['user-0: sent', 'user-1: refused', 'user-2: cannot be notified'])
    assert.deepEqual([first.exitCode, first.isDryRun], [1, false])
    assert.match(first.deliveries[1]?.why ?? '', /550 no such mailbox/)
    server.refused = []
    const second = await notify('whole', ...over(server.port, 'batch'))
    assert.deepEqual([second.exitCode, second.states], [0, ['user-0: sent before', 'user-1: sent', 'user-2: sent']])
    const third = await notify('whole', '--ledger', 'batch', '--dry-run')
    assert.deepEqual(
      [third.exitCode, new Set(third.deliveries.map(({ state }) => state))],
      [0, new Set(['sent before'])],
    )
    assert.deepEqual(receivers(server), ['alice@example.org', 'bob@example.org', 'carol@example.org'])
    for (const { isEncrypted, user, content } of server.received) {
      assert.deepEqual([isEncrypted, user], [true, testLogin.user])
      assert.match(content, /^Subject: Backups in cloud recovery: your workload can be restored\r$/m)
    }
  })

  it('exits with 1 for a dead server, which it asks once, and is finished by a second run', async () => {
    const gone = await MailServer.open()
    const { port } = gone
    await gone[Symbol.asyncDispose]()
    const dead = await notify('whole', ...over(port, 'dead'))
    assert.deepEqual([dead.exitCode, new Set(dead.deliveries.map(({ state }) => state))], [1, new Set(['not sent'])])
    assert.match(dead.deliveries[2]?.why ?? '', /ECONNREFUSED/)
    await using server = await MailServer.open({}, port)
    const second = await notify('whole', ...over(port, 'dead'))
    assert.deepEqual([second.exitCode, server.received.length], [0, 3])
  })

  it('exits with 3 for a mail that may have been sent, and repeats it only with --resend', async () => {
    await using server = await MailServer.open()
    server.troubleOf = (to) => (to.startsWith('bob') ? 'die unconfirmed' : undefined)
    const first = await notify('whole', ...over(server.port, 'maybe'))
    assert.deepEqual(
      [first.exitCode, first.states],
      [3, ['user-0: sent', 'user-1: may have been sent', 'user-2: sent']],
    )
    server.troubleOf = () => undefined
    const again = await notify('whole', ...over(server.port, 'maybe'))
    assert.deepEqual([again.exitCode, again.states[1]], [3, 'user-1: may have been sent'])
    assert.equal(server.received.length, 3)
    const resent = await notify('whole', ...over(server.port, 'maybe'), '--resend')
    assert.deepEqual([resent.exitCode, resent.states[1]], [0, 'user-1: sent'])
    assert.deepEqual(receivers(server).filter((to) => to.startsWith('bob')).length, 2)
  })

  it('asks before it sends: without a terminal and --yes it sends nothing', async () => {
    await using server = await MailServer.open()
    const run = await notify('whole', ...over(server.port, 'asked').filter((one) => one !== '--yes'))
    assert.equal(run.exitCode, 2)
    assert.match(run.messages, /^dr-drill: confirmation required, but standard input is not a terminal\n {2}Pass --yes/)
    const typed = new StartedCommand(
      [process.execPath, main, ...base, '--cloud-file', 'whole.json', ...over(server.port, 'asked').slice(0, -1)],
      { env: environment, cwd: folder, isAtTerminal: true },
    )
    await typed.printed(`Hand 3 messages over to mail server localhost:${server.port}? [y/N]`)
    typed.type('n\n')
    assert.equal(await typed.ended(), 1)
    assert.match(typed.output, /Nothing was sent\./)
    assert.deepEqual(server.received, [])
  })

  const wrong: readonly (readonly [what: string, args: readonly string[], message: RegExp])[] = [
    ['no way to the users', [], /no way to the users was passed\n {2}Pass --smtp URL/],
    ['two ways', ['--smtp', 'smtp://h', '--webhook', 'https://h'], /--smtp cannot be combined with --webhook/],
    ['mails to write that are sent', ['--smtp', 'smtp://h', '--write', 'x'], /--write requires --dry-run/],
    ['a password in the address', ['--smtp', 'smtp://u:hunter2@h'], /the address contains a password/],
    ['a user name without TLS', ['--smtp', 'smtp://u@h', '--no-tls'], /a user name requires TLS/],
    ['two clouds', ['--dry-run', '--cloud', 'north'], /--cloud cannot be combined with --cloud-file/],
    [
      'a sender with a line break',
      ['--dry-run', '--from', 'a@b\nBcc: c@d'],
      /--from: "a@b\\nBcc: c@d" is not a mail address/,
    ],
    ['a file that is not a ledger', ['--dry-run', '--ledger', 'password'], /--ledger: .*password is not a ledger/],
    ['an assessment that did not end', ['--dry-run', '--from-assessment', 'half.ndjson'], /it has no summary/],
  ]
  for (const [what, args, message] of wrong)
    it(`refuses ${what}, and sends nothing`, async () => {
      process.chdir(folder)
      writeFileSync('half.ndjson', readFileSync('a.ndjson', 'utf8').split('\n').slice(0, -2).join('\n'))
      const error: unknown = await parse(await buildProgram(), [...base, '--cloud-file', 'whole.json', ...args]).catch(
        (thrown: unknown) => thrown,
      )
      assert.equal(exitCodeFor(error), 2, String(error))
      assert.match(describeError(error), message)
      assert.doesNotMatch(describeError(error), /hunter2/)
      assert.ok(!existsSync('x'))
    })
})
