import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { checkAddress } from './address.ts'

describe('mail address', () => {
  for (const [text, address = text] of [
    ['alice@example.org'],
    ["o'brien+dr_1@sub.example.org"],
    ['root@localhost'],
    ['erin@b\u00fccher.example', 'erin@xn--bcher-kva.example'],
  ] as const)
    it(`is accepted: ${text}`, () => assert.deepEqual(checkAddress(text), { address }))

  for (const text of [
    '',
    'alice',
    '@example.org',
    'alice@',
    'alice@example.org\r\nBcc: all@example.org',
    'alice\n@example.org',
    'alice@example.org, bob@example.org',
    'alice bob@example.org',
    '"alice"@example.org',
    'Alice <alice@example.org>',
    'alice@example.org>',
    'alice(comment)@example.org',
    'a..b@example.org',
    '.a@example.org',
    'alice@bob@example.org',
    'alice@example..org',
    'alice@-example.org',
    'alice@exam_ple.org',
    'alice@[127.0.0.1]',
    'alice@example.org\u202e',
    'alice@exa\u00admple.org',
    'alice@example.org:25',
    'alice@example.org/x',
    'alice@ex%61mple.org',
    '\u0430lice@example.org',
    `${'a'.repeat(65)}@example.org`,
    `a@${'b.'.repeat(130)}org`,
    `a@${'b'.repeat(64)}.org`,
  ])
    it(`is refused: ${JSON.stringify(text).slice(0, 60)}`, () => assert.ok('refused' in checkAddress(text)))
})
