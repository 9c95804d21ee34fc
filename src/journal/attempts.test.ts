import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { exitCodeOfRun } from '../run/exit-code.ts'
import { retriedDrills, unknownScenarios } from './attempts.ts'
import type { JournalEntry, Outcome } from './journal.ts'
import { MemoryJournal } from './journal-memory.ts'

/** A journal in which one scenario has these attempts, one after another. */
function attempts(...outcomes: readonly (Outcome | 'open')[]): readonly JournalEntry[] {
  const journal = new MemoryJournal()
  for (const [index, outcome] of outcomes.entries()) {
    const attempt = index === 0 ? {} : { attempt: index + 1 }
    journal.append({ kind: 'drill-started', name: 'n', feature: 'f', location: 'a:1', ...attempt }, `d${index + 1}`)
    if (outcome !== 'open') journal.append({ kind: 'drill-ended', outcome }, `d${index + 1}`)
  }
  return journal.entries()
}

describe('attempts of a scenario', () => {
  it('count only the last one, if those before it could not be judged', () => {
    const entries = attempts('unknown', 'open', 'passed')
    assert.deepEqual([...retriedDrills(entries)], ['d1', 'd2'])
    assert.deepEqual([exitCodeOfRun(entries), unknownScenarios(entries)], [0, []])
    assert.equal(exitCodeOfRun(attempts('unknown', 'failed')), 1)
  })

  it('are unknown as long as the last one is', () => {
    for (const entries of [attempts('unknown'), attempts('unknown', 'unknown'), attempts('unknown', 'open')])
      assert.deepEqual([exitCodeOfRun(entries), unknownScenarios(entries)], [3, ['a:1']])
  })

  it('never hide a failure, or one that was not run', () => {
    assert.equal(exitCodeOfRun(attempts('failed', 'passed')), 1)
    assert.equal(exitCodeOfRun(attempts('not run', 'passed')), 3)
    assert.equal(exitCodeOfRun(attempts('unknown', 'failed', 'passed')), 1)
  })

  it('are several drills, and none is retried, in a journal that does not number them', () => {
    const entries = attempts('unknown', 'passed').map((entry) => {
      const { attempt: _, ...others } = entry as JournalEntry & { readonly attempt?: number }
      return others as JournalEntry
    })
    assert.deepEqual([[...retriedDrills(entries)], exitCodeOfRun(entries)], [[], 3])
  })
})
