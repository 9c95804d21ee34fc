import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import type { SMTPServerOptions } from 'smtp-server'
import { assessment, ids, people, workload } from '../notice/notice.fixture.ts'
import { makeNotices } from '../notice/notice.ts'
import { testCa } from './certificate.fixture.ts'
import { type Delivery, deliver } from './deliver.ts'
import { MailServer, testLogin } from './mail-server.fixture.ts'
import { type Message, makeMessage, messageIdOf } from './message.ts'
import { NoticeLedger } from './notice-ledger.ts'
import { SmtpCarrier } from './smtp-carrier.ts'
import type { SmtpServer } from './smtp-server.ts'

const folder = mkdtempSync(join(tmpdir(), 'dr-drill-deliver-'))
after(() => rmSync(folder, { recursive: true }))
const sender = { from: 'dr@example.org', replyTo: 'help@example.org' }

/** Messages to alice and bob. */
const [toAlice, toBob] = makeNotices(
  assessment(workload({ name: 'caf\u00e9 <b>' }), workload({ workloadId: 'w2', userId: ids.bob, projectId: ids.db })),
  people(),
  'recovery',
).notices.map((notice) => makeMessage(notice, notice.address, { contact: 'help@example.org' }))
assert.ok(toAlice && toBob)
const messages: readonly Message[] = [toAlice, toBob]

interface Run extends Partial<SmtpServer> {
  readonly ledger: string
  readonly isResent?: boolean
}

async function run(port: number, { ledger: name, isResent = false, ...server }: Run): Promise<readonly Delivery[]> {
  await using ledger = await NoticeLedger.open(join(folder, name))
  const to = { host: 'localhost', port, tls: 'starttls', login: testLogin, ca: testCa, ...server } as const
  await using carrier = new SmtpCarrier(to, sender.from, 2000)
  const { signal } = new AbortController()
  return await deliver(messages, { carrier, channel: 'smtp', ledger, sender, isResent, signal })
}

const states = (deliveries: readonly Delivery[]) => deliveries.map(({ user, state }) => `${user}: ${state}`)
const receivers = ({ received }: MailServer) => received.map(({ to }) => to.join())
const open = (options?: SMTPServerOptions, port?: number) => MailServer.open(options, port)

describe('handing mails over', () => {
  it('logs in over an encrypted connection, and sends one valid mail to each user, once', async () => {
    await using server = await open()
    assert.deepEqual(states(await run(server.port, { ledger: 'fine' })), ['alice: sent', 'bob: sent'])
    assert.deepEqual(states(await run(server.port, { ledger: 'fine' })), ['alice: sent before', 'bob: sent before'])
    assert.deepEqual(receivers(server), ['alice@example.org', 'bob@example.org'])
    for (const { from, isEncrypted, user } of server.received)
      assert.deepEqual([from, isEncrypted, user], [sender.from, true, testLogin.user])
    const [parsed] = server.received.map(({ content }) => parse(content))
    assert.ok(parsed)
    assert.deepEqual(parsed.defects, [])
    assert.deepEqual(parsed.headers, {
      'auto-submitted': ['auto-generated'],
      'content-language': ['en'],
      from: ['Disaster recovery <dr@example.org>'],
      to: ['alice <alice@example.org>'],
      'reply-to': ['help@example.org'],
      subject: [toAlice.subject],
      'message-id': [messageIdOf(toAlice, sender)],
      'mime-version': ['1.0'],
    })
    assert.deepEqual(parsed.types, ['text/plain', 'text/html'])
    assert.deepEqual(parsed.contents, [toAlice.text, toAlice.html])
    assert.ok(parsed.longestLine <= 78, `${parsed.longestLine} characters in a line`)
  })

  it('uses TLS from the start', async () => {
    await using server = await open({ secure: true })
    assert.deepEqual(states(await run(server.port, { ledger: 'implicit', tls: 'implicit' })), [
      'alice: sent',
      'bob: sent',
    ])
  })

  it('reports an address that is refused, goes on, and is finished by a second run', async () => {
    await using server = await open()
    server.refused = ['alice@example.org']
    const deliveries = await run(server.port, { ledger: 'refused' })
    assert.deepEqual(states(deliveries), ['alice: refused', 'bob: sent'])
    assert.match(deliveries[0]?.why ?? '', /550 no such mailbox/)
    server.refused = []
    assert.deepEqual(states(await run(server.port, { ledger: 'refused' })), ['alice: sent', 'bob: sent before'])
    assert.deepEqual(receivers(server), ['bob@example.org', 'alice@example.org'])
  })

  it('reports a mail whose content is refused, and sends it in a second run', async () => {
    await using server = await open()
    server.troubleOf = (to) => (to.startsWith('alice') ? 'reject' : undefined)
    assert.deepEqual(states(await run(server.port, { ledger: 'content' })), ['alice: refused', 'bob: sent'])
    server.troubleOf = () => undefined
    assert.deepEqual(states(await run(server.port, { ledger: 'content' })), ['alice: sent', 'bob: sent before'])
  })

  it('reports that nothing was sent to a dead server, and is finished by a second run', async () => {
    const gone = await open()
    const { port } = gone
    await gone[Symbol.asyncDispose]()
    const deliveries = await run(port, { ledger: 'dead' })
    assert.deepEqual(states(deliveries), ['alice: not sent', 'bob: not sent'])
    assert.match(deliveries[0]?.why ?? '', /ECONNREFUSED/)
    await using server = await open({}, port)
    assert.deepEqual(states(await run(port, { ledger: 'dead' })), ['alice: sent', 'bob: sent'])
    assert.deepEqual(receivers(server), ['alice@example.org', 'bob@example.org'])
  })

  it('reports a mail that was not confirmed, and repeats it only on request', async () => {
    await using server = await open()
    server.troubleOf = (to) => (to.startsWith('alice') ? 'die unconfirmed' : undefined)
    assert.deepEqual(states(await run(server.port, { ledger: 'maybe' })), ['alice: may have been sent', 'bob: sent'])
    server.troubleOf = () => undefined
    assert.deepEqual(states(await run(server.port, { ledger: 'maybe' })), [
      'alice: may have been sent',
      'bob: sent before',
    ])
    assert.deepEqual(receivers(server), ['alice@example.org', 'bob@example.org'])
    const resent = await run(server.port, { ledger: 'maybe', isResent: true })
    assert.deepEqual(states(resent), ['alice: sent', 'bob: sent before'])
    const [first, , again] = server.received.map(({ content }) => parse(content).headers['message-id'])
    assert.deepEqual(again, first)
  })

  it('sends neither name nor password to a server without STARTTLS', async () => {
    await using server = await open({ hideSTARTTLS: true, disabledCommands: ['STARTTLS'], allowInsecureAuth: true })
    const deliveries = await run(server.port, { ledger: 'plain' })
    assert.deepEqual(states(deliveries), ['alice: not sent', 'bob: not sent'])
    assert.match(deliveries[0]?.why ?? '', /STARTTLS/)
    assert.deepEqual([server.logins, server.received], [[], []])
  })

  it('sends nothing to a server that an unknown authority has certified', async () => {
    await using server = await open()
    await using ledger = await NoticeLedger.open(join(folder, 'certificate'))
    const to = { host: 'localhost', port: server.port, tls: 'starttls', login: testLogin } as const
    await using carrier = new SmtpCarrier(to, sender.from, 2000)
    const { signal } = new AbortController()
    const deliveries = await deliver(messages, { carrier, channel: 'smtp', ledger, sender, isResent: false, signal })
    assert.deepEqual(states(deliveries), ['alice: not sent', 'bob: not sent'])
    assert.match(deliveries[0]?.why ?? '', /certificate/)
    assert.deepEqual(server.received, [])
  })

  it('does not repeat a password that the server repeats', async () => {
    await using server = await open()
    const login = { ...testLogin, password: 'wrong-password' }
    const deliveries = await run(server.port, { ledger: 'echo', login })
    assert.deepEqual(states(deliveries), ['alice: not sent', 'bob: not sent'])
    assert.match(deliveries[0]?.why ?? '', /no such user or password: \[password\]/)
  })

  it('sends without TLS only if that is asked for', async () => {
    await using server = await open({ authOptional: true })
    await using ledger = await NoticeLedger.open(join(folder, 'no-tls'))
    await using carrier = new SmtpCarrier({ host: '127.0.0.1', port: server.port, tls: 'none' }, sender.from, 2000)
    const { signal } = new AbortController()
    const deliveries = await deliver(messages, { carrier, channel: 'smtp', ledger, sender, isResent: false, signal })
    assert.deepEqual(states(deliveries), ['alice: sent', 'bob: sent'])
    assert.deepEqual(
      server.received.map(({ isEncrypted }) => isEncrypted),
      [false, false],
    )
  })
})

interface ParsedMail {
  readonly headers: Readonly<Record<string, readonly string[]>>
  readonly types: readonly string[]
  readonly contents: readonly string[]
  readonly defects: readonly string[]
  readonly longestLine: number
}

/** Parses a mail with another implementation: that of Python, whose policy reports defects. */
function parse(content: string): ParsedMail {
  const script = `
import email, email.policy, json, sys
data = sys.stdin.buffer.read()
mail = email.message_from_bytes(data, policy=email.policy.SMTP)
parts = [part for part in mail.walk() if not part.is_multipart()]
headers = {}
for name, value in mail.items():
    if name.lower() not in ('content-type', 'date'):
        headers.setdefault(name.lower(), []).append(str(value))
defects = [repr(one) for part in mail.walk() for one in [*part.defects, *(d for v in part.values() for d in getattr(v, 'defects', ()))]]
if mail['date'].datetime is None: defects.append('no date')
json.dump({
    'headers': headers,
    'types': [part.get_content_type() for part in parts],
    'contents': [part.get_content().replace('\\r\\n', '\\n') for part in parts],
    'defects': defects,
    'longestLine': max(len(line) for line in data.split(b'\\r\\n')),
}, sys.stdout)
`
  return JSON.parse(execFileSync('python3', ['-c', script], { input: content, encoding: 'utf8' })) as ParsedMail
}
