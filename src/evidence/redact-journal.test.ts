import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { JournalEntry } from '../journal/journal.ts'
import { entriesOfRun } from './pack.fixture.ts'
import { redactJournal } from './redact-journal.ts'

const key = `-----BEGIN PRIVATE KEY-----\n${'MIIEvQIBADAN'.repeat(6)}\n-----END PRIVATE KEY-----`

/** A journal as a version that replaced no secrets wrote it. */
function oldJournal(texts: readonly string[], rest = ''): Buffer {
  const own = entriesOfRun(
    'passed',
    texts.map(() => ({ kind: 'note', text: '' })),
  )
  const left = [...texts]
  const entries = own.map((entry) => (entry.kind === 'note' ? { ...entry, text: left.shift() } : entry))
  return Buffer.from(entries.map((entry) => `${JSON.stringify(entry)}\n`).join('') + rest)
}

const notesOf = (entries: readonly JournalEntry[]) =>
  entries.flatMap((entry) => (entry.kind === 'note' ? [[entry.text, entry.redacted]] : []))

describe('the journal of an older version', () => {
  it('loses its secrets, and each entry counts what was replaced', () => {
    const { content, entries, counts } = redactJournal(oldJournal(['OS_PASSWORD=planted', `x ${key}`, 'fine']), 'j')
    assert.doesNotMatch(Buffer.from(content).toString(), /planted|MIIEvQ/)
    assert.deepEqual(notesOf(entries), [
      ['OS_PASSWORD=[redacted-password-1]', { password: 1 }],
      ['x [redacted-private-key-2]', { 'private key': 1 }],
      ['fine', undefined],
    ])
    assert.deepEqual(counts, { password: 1, 'private key': 1 })
    assert.deepEqual(JSON.parse(Buffer.from(content).toString().split('\n')[0] ?? ''), entries[0])
  })

  it('loses a secret that stands alone before it is recognized', () => {
    const { entries } = redactJournal(oldJournal(['+ echo planted-0123456789', 'OS_TOKEN=planted-0123456789']), 'j')
    assert.deepEqual(
      notesOf(entries).map(([text]) => text),
      ['+ echo [redacted-token-1]', 'OS_TOKEN=[redacted-token-1]'],
    )
  })

  it('gives no secret the number of another that was replaced when it was recorded', () => {
    const { entries } = redactJournal(oldJournal(['password=[redacted-password-7]', 'password=planted']), 'j')
    assert.deepEqual(notesOf(entries)[1], ['password=[redacted-password-8]', { password: 1 }])
  })

  it('loses secrets in the line at which it was cut, and stays cut', () => {
    const { content, torn, counts } = redactJournal(oldJournal([], '{"seq":8,"text":"OS_PASSWORD=planted'), 'j')
    assert.doesNotMatch(Buffer.from(content).toString(), /planted/)
    assert.deepEqual([torn, counts], [true, { password: 1 }])
  })
})

describe('a journal without secrets', () => {
  it('keeps its bytes', () => {
    // Its entries are not written again: another order of keys must not be lost.
    const journal = Buffer.from('{"kind":"note","seq":1,"at":"2026-11-01T00:00:00.000Z","text":"t"}\n')
    const { content, counts } = redactJournal(journal, 'j')
    assert.equal(content, journal)
    assert.equal(counts, undefined)
  })
})
