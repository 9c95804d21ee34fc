import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { JournalEntry, Outcome } from '../journal/journal.ts'
import { MemoryJournal } from '../journal/journal-memory.ts'
import { plainStyle } from '../text/style.ts'
import { changesSince, historyLines } from './history-text.ts'
import { featureDigest, type RunRecord, runRecord } from './run-record.ts'
import { scenarioHistories } from './scenario-history.ts'
import { scenarioKeys } from './scenario-key.ts'
import { reasonsForNewDrill, stalenessOf } from './staleness.ts'

const text = 'Feature: A\n'

/** A run on a day of November with one scenario, whose line differs from run to run. */
function runOn(day: number, outcome: Outcome, { version = '1.0.0', feature = text, name = 'n' } = {}): RunRecord {
  const journal = new MemoryJournal()
  journal.append({ kind: 'run-started', run: `r${day}`, version, argv: [] })
  journal.append({ kind: 'envelope', envelope: { source: { uri: 'a.feature', data: feature, mediaType: '' } } })
  journal.append({ kind: 'drill-started', name, feature: 'A', location: `a.feature:${day}` }, 'd')
  journal.append({ kind: 'drill-ended', outcome }, 'd')
  journal.append({ kind: 'run-ended', exitCode: 0 })
  return { ...runRecord(journal.entries()), startedAt: `2026-11-${String(day).padStart(2, '0')}T12:00:00.000Z` }
}

const present = {
  now: new Date('2026-11-29T12:00:00Z'),
  maxAgeMs: 7 * 24 * 3600_000,
  version: '1.0.0',
  features: new Map([['a.feature', featureDigest(text)]]),
}

function reasons(runs: readonly RunRecord[], change: Partial<typeof present> = {}): readonly string[] {
  const [history] = scenarioHistories(runs)
  assert.ok(history)
  return reasonsForNewDrill(history, { ...present, ...change })
}

describe('a scenario needs no new drill', () => {
  it('if it passed lately, as it is now', () => {
    assert.deepEqual(reasons([runOn(20, 'failed'), runOn(25, 'passed')]), [])
  })
})

describe('a scenario needs a new drill', () => {
  it('if it last passed too long ago', () => {
    assert.deepEqual(reasons([runOn(2, 'passed')]), ['it last passed 27 days ago'])
  })

  it('if its last outcome is another one, even if it passed before', () => {
    assert.deepEqual(reasons([runOn(25, 'passed'), runOn(28, 'unknown')]), ['the last outcome is unknown'])
    assert.deepEqual(reasons([runOn(28, 'failed')]), ['the last outcome is failed', 'it never passed'])
  })

  it('if its feature has changed since, or does not exist any more', () => {
    const features = new Map([['a.feature', featureDigest('Feature: B\n')]])
    assert.deepEqual(reasons([runOn(25, 'passed')], { features }), ['a.feature has changed since'])
    assert.deepEqual(reasons([runOn(25, 'passed')], { features: new Map() }), ['a.feature does not exist now'])
  })

  it('if dr-drill has changed since', () => {
    assert.deepEqual(reasons([runOn(25, 'passed')], { version: '2.0.0' }), [
      'it passed with dr-drill 1.0.0, and this is 2.0.0',
    ])
  })
})

/** Scenarios of the feature as it is now. */
const existing = (...names: readonly string[]) => names.map((name, nth) => ({ name, location: `a.feature:${nth + 5}` }))

describe('the scenarios of the project', () => {
  const staleness = (runs: readonly RunRecord[], names: readonly string[], selected = names) =>
    stalenessOf(scenarioHistories(runs), {
      ...{ ...present, scenarios: existing(...names) },
      selected: existing(...names).filter(({ name }) => selected.includes(name)),
    })

  it('need a new drill if they never ran, and are selected', () => {
    const never = { name: 'new', location: 'a.feature:6', reasons: ['it never ran'] }
    assert.deepEqual(staleness([runOn(25, 'passed')], ['n', 'new']), { due: [never], removed: [], count: 2 })
    assert.deepEqual(staleness([runOn(25, 'passed')], ['n', 'new'], ['n']), { due: [], removed: [], count: 1 })
  })

  it('need a new drill if they were never executed', () => {
    const { due } = staleness([runOn(25, 'not run')], ['n'])
    assert.deepEqual(due[0]?.reasons, ['the last outcome is not run', 'it never passed'])
  })

  it('are not due once they are removed from their feature', () => {
    const { due, removed } = staleness([runOn(25, 'passed', { name: 'old' }), runOn(26, 'passed')], ['n'])
    assert.deepEqual([due, removed], [[], [{ name: 'old', location: 'a.feature:25' }]])
  })

  it('have keys that differ for scenarios of one name, by the order of their lines', () => {
    const scenarios = [12, 9, 12].map((line) => ({ name: 'n', location: `a.feature:${line}` }))
    assert.deepEqual(
      [...scenarioKeys(scenarios)],
      [
        ['a.feature:9', 'a.feature n'],
        ['a.feature:12', 'a.feature n (2)'],
      ],
    )
  })
})

describe('the digest of a feature', () => {
  it('is that of its text without secrets, as a journal has it', () => {
    const feature = 'Feature: A\n  Given a share at https://u:planted@h\n'
    const journal = new MemoryJournal()
    journal.append({ kind: 'note', text: 'OS_PASSWORD=other' })
    const { text: recorded } = journal.append({ kind: 'note', text: feature }) as Extract<
      JournalEntry,
      { kind: 'note' }
    >
    assert.notEqual(recorded, feature)
    assert.equal(featureDigest(recorded), featureDigest(feature))
    assert.notEqual(featureDigest(feature), featureDigest(`${feature}  Then it can be read\n`))
  })
})

describe('a scenario is unsteady', () => {
  it('if it passed and failed with the same feature and version, and not otherwise', () => {
    const isUnsteady = (runs: readonly RunRecord[]) => scenarioHistories(runs)[0]?.isUnsteady
    assert.equal(isUnsteady([runOn(1, 'passed'), runOn(2, 'failed')]), true)
    assert.equal(isUnsteady([runOn(1, 'passed'), runOn(2, 'failed', { feature: 'Feature: B\n' })]), false)
    assert.equal(isUnsteady([runOn(1, 'passed'), runOn(2, 'failed', { version: '1.1.0' })]), false)
    assert.equal(isUnsteady([runOn(1, 'passed'), runOn(2, 'unknown')]), false)
  })
})

describe('the history', () => {
  it('lists what changed since the last time that each scenario ran', () => {
    const runs = [runOn(1, 'passed'), runOn(2, 'failed'), runOn(3, 'passed'), runOn(4, 'passed', { name: 'other' })]
    const changes = runs.map((run, nth) => changesSince(runs.slice(0, nth), run))
    assert.deepEqual(changes, [[], ['1 fails now'], ['1 passes again'], ['1 new']])
  })

  it('shows runs, unsteady scenarios, and those that need a new drill', () => {
    const runs = [runOn(1, 'passed'), runOn(2, 'failed', { name: 'n\x1b[2J' }), runOn(3, 'failed')]
    const histories = scenarioHistories(runs)
    const staleness = stalenessOf(histories, { ...present, selected: [], scenarios: existing('n', 'n\x1b[2J') })
    const lines = historyLines({ runs, histories, staleness }, plainStyle).join('\n')
    assert.match(lines, /^r2 +2026-11-02 12:00 +0\.0 s +0 passed, 1 failed +1 new$/m)
    assert.match(lines, /^ {2}a\.feature:3 {2}n$/m)
    assert.match(lines, /a\.feature:2 {2}n\\u001b\[2J: the last outcome is failed; it never passed/)
    assert.match(lines, /\n2 scenarios, 2 need a new drill$/)
  })
})
