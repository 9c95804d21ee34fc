import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { JournalEntry } from '../journal/journal.ts'
import { nextDrillText } from './next-drill.ts'
import { type SampleScenario, sampleJournal } from './page/sample-journal.fixture.ts'
import { runOverview } from './run-overview.ts'

function textOf(scenarios: readonly SampleScenario[], maxVerdictAgeMs?: number | null): string {
  const entries = sampleJournal(scenarios).map((entry): JournalEntry => {
    if (entry.kind !== 'environment' || maxVerdictAgeMs === undefined) return entry
    return { ...entry, environment: { ...entry.environment, maxVerdictAgeMs } }
  })
  return nextDrillText(entries, { ...runOverview(entries), startedAt: '2026-11-30T19:46:43.908Z' })
}

describe('the next drill', () => {
  const ninetyDays = 90 * 24 * 3600_000

  it('is due when the verdicts of the run expire', () => {
    assert.equal(textOf([{}], ninetyDays), 'Next drill: due by 2027-02-28 19:46 UTC. Verdicts expire after 90 days.')
    assert.match(textOf([{}], 36 * 3600_000), /due by 2026-12-02 07:46 UTC\. Verdicts expire after 36 hours\./)
  })

  it('is due now for scenarios that did not pass', () => {
    const open = [{ outcome: 'unknown' }, { outcome: 'not run', why: 'w' }] as const
    assert.match(
      textOf([{}, ...open], ninetyDays),
      /due now for 2 scenarios that did not pass\. For the others: due by 2027-02/,
    )
    assert.equal(textOf([{ outcome: 'failed' }, ...open], ninetyDays), 'Next drill: due now. No scenario passed.')
  })

  it('has no date if none is configured, or if an older version wrote the journal', () => {
    assert.equal(textOf([{}], null), 'Next drill: no date is configured (maxVerdictAge in dr-drill.config.yaml).')
    assert.equal(textOf([{}]), 'Next drill: the journal does not record a date.')
  })
})
