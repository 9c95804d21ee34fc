import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { JournalEvent, Outcome } from '../../journal/journal.ts'
import { MemoryJournal } from '../../journal/journal-memory.ts'
import { durationsOf } from './scenario-durations.ts'

it('durations come from the journal; scenarios that were not run have none', () => {
  const journal = new MemoryJournal()
  const start = Date.parse('2026-11-23T00:00:00Z')
  const add = (event: JournalEvent, drill: string, atMs: number) =>
    journal.adopt({ ...event, seq: 0, drill, at: new Date(start + atMs).toISOString() }, 1)
  const began = (location: string): JournalEvent => ({ kind: 'drill-started', name: 'n', feature: 'f', location })
  const ended = (outcome: Outcome): JournalEvent => ({ kind: 'drill-ended', outcome })
  add(began('a.feature:3'), 'd1', 0)
  add(began('b.feature:3'), 'd2', 10)
  add(ended('failed'), 'd1', 30)
  add(ended('not run'), 'd2', 40)
  assert.deepEqual([...durationsOf(journal.entries())], [['a.feature:3', 30]])
})
