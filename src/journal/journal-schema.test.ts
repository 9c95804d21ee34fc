import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { z } from 'zod'
import type { JournalEntry } from './journal.ts'
import { type journalEntrySchema, problemInEntry } from './journal-schema.ts'

type ReadEntry = z.output<typeof journalEntrySchema>
/** The schema and the type describe the same entries: the compiler refuses this file if one of them is changed alone. */
const isOfSchema = (entry: JournalEntry): ReadEntry => entry
const isOfType = (entry: ReadEntry): JournalEntry => entry
assert.ok(isOfSchema !== undefined && isOfType !== undefined)

const at = '2026-11-01T12:00:00.000Z'

describe('the schema of journals', () => {
  it('accepts entries of each kind, with fields that it does not know', () => {
    const entries: readonly object[] = [
      { seq: 1, at, kind: 'run-started', run: 'r', version: '1', argv: [], format: 1 },
      { seq: 2, at, kind: 'note', text: 't', drill: 'd1', series: 's1', later: true },
      { seq: 3, at, kind: 'observation', subject: 's', where: 'w', facts: null },
      // JSON leaves out facts that are undefined.
      { seq: 4, at, kind: 'observation', subject: 's', where: 'w' },
    ]
    assert.deepEqual(entries.map(problemInEntry), [undefined, undefined, undefined, undefined])
  })

  it('accepts a kind that it does not know, but not without the fields of every entry', () => {
    assert.equal(problemInEntry({ seq: 1, at, kind: 'of tomorrow', what: 1 }), undefined)
    assert.match(problemInEntry({ seq: 1, kind: 'of tomorrow' }) ?? '', /^at: /)
  })

  const wrong: readonly (readonly [string, object, RegExp])[] = [
    ['a field that is missing', { seq: 1, at, kind: 'note' }, /^text: expected string/],
    ['a field of another type', { seq: 1, at, kind: 'run-ended', exitCode: '0' }, /^exitCode: expected/],
    ['an unknown outcome', { seq: 1, at, kind: 'drill-ended', outcome: 'green' }, /^outcome: /],
    [
      'a wrong field within another',
      { seq: 1, at, kind: 'finding', finding: { verdict: 'pass', question: 'q', sentence: 's', evidence: ['1'] } },
      /^finding\.evidence\.0: /,
    ],
  ]
  for (const [what, entry, message] of wrong)
    it(`names ${what}`, () => assert.match(problemInEntry(entry) ?? '', message))
})
