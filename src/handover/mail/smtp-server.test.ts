import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { InputError, withRemedy } from '../../errors.ts'
import { testCa } from './certificate.fixture.ts'
import { passwordVariable, readSmtpServer, type SmtpOptions } from './smtp-server.ts'
import { readWebhook, tokenVariable, type WebhookOptions } from './webhook.ts'

const folder = mkdtempSync(join(tmpdir(), 'dr-drill-smtp-'))
after(() => rmSync(folder, { recursive: true }))
const file = (name: string, content: string): string => {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}

function refusal(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    assert.ok(error instanceof InputError, String(error))
    return withRemedy(error)
  }
  return assert.fail('it was accepted')
}

describe('mail server', () => {
  const read = (options: Partial<SmtpOptions>, environment = {}) =>
    readSmtpServer({ url: 'smtp://mail.example.org', isTls: true, ...options }, environment)

  it('requires STARTTLS at port 587, or has TLS at port 465', () => {
    assert.deepEqual(read({}), { host: 'mail.example.org', port: 587, tls: 'starttls' })
    assert.deepEqual(read({ url: 'smtps://[2001:db8::1]' }), { host: '2001:db8::1', port: 465, tls: 'implicit' })
    assert.deepEqual(read({ url: 'smtp://h:25/', isTls: false }), { host: 'h', port: 25, tls: 'none' })
  })

  it('gets its password from the environment or from a file', () => {
    const url = 'smtp://dr%40example.org@h'
    const login = { user: 'dr@example.org', password: 's e c r e t' }
    assert.deepEqual(read({ url }, { [passwordVariable]: login.password }).login, login)
    assert.deepEqual(read({ url, passwordFile: file('password', `${login.password}\n`) }).login, login)
    assert.equal(read({}, { [passwordVariable]: 'unused' }).login, undefined)
  })

  it('has authorities of its own', () => {
    assert.equal(read({ caFile: file('ca.pem', testCa) }).ca, testCa)
    assert.match(
      refusal(() => read({ caFile: file('empty.pem', '') })),
      /holds no certificate/,
    )
  })

  it('is refused with a password in its address, which is not repeated', () => {
    const message = refusal(() => read({ url: 'smtp://dr:hunter2@h' }))
    assert.match(message, /contains a password/)
    assert.doesNotMatch(message, /hunter2/)
  })

  const wrong: readonly (readonly [string, Partial<SmtpOptions>, RegExp])[] = [
    ['a user name without TLS', { url: 'smtp://dr@h', isTls: false }, /--no-tls: a user name requires TLS/],
    ['a user name without a password', { url: 'smtp://dr@h' }, /requires a password[^]*DR_DRILL_SMTP_PASSWORD/],
    ['an empty password', { url: 'smtp://dr@h', passwordFile: file('none', '\n') }, /none is empty/],
    ['a password of two lines', { url: 'smtp://dr@h', passwordFile: file('two', 'a\nb') }, /more than one line/],
    [
      'a missing file',
      { url: 'smtp://dr@h', passwordFile: join(folder, 'gone') },
      /cannot read the password in .*gone: ENOENT/,
    ],
    ['another protocol', { url: 'http://h' }, /not the address of a mail server/],
    ['a path', { url: 'smtp://h/x' }, /not the address of a mail server/],
    ['no host', { url: 'smtp://' }, /not the address of a mail server/],
    ['TLS that is both from the start and off', { url: 'smtps://h', isTls: false }, /cannot be combined/],
  ]
  for (const [what, options, message] of wrong)
    it(`is refused with ${what}`, () =>
      assert.match(
        refusal(() => read(options)),
        message,
      ))
})

describe('webhook', () => {
  const read = (options: Partial<WebhookOptions>, environment = {}) =>
    readWebhook({ url: 'https://h/x', isTls: true, ...options }, environment)

  it('has a token from the environment or from a file', () => {
    assert.equal(read({}, { [tokenVariable]: 't' }).token, 't')
    assert.equal(read({ tokenFile: file('token', 't2\n') }).token, 't2')
    assert.equal(read({}).token, undefined)
  })

  const wrong: readonly (readonly [string, Partial<WebhookOptions>, object, RegExp])[] = [
    ['no TLS', { url: 'http://h' }, {}, /without encryption/],
    ['a token without TLS', { url: 'http://h', isTls: false }, { [tokenVariable]: 't' }, /a token requires https/],
    ['a password in its address', { url: 'https://a:hunter2@h' }, {}, /contains a user name or password/],
    ['another protocol', { url: 'ftp://h' }, {}, /not an address/],
    ['a token of two words', { tokenFile: file('words', 'a b') }, {}, /does not hold one token/],
  ]
  for (const [what, options, environment, message] of wrong)
    it(`is refused with ${what}`, () => {
      const text = refusal(() => read(options, environment))
      assert.match(text, message)
      assert.doesNotMatch(text, /hunter2/)
    })
})
