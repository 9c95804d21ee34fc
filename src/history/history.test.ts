import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { JournalEntry } from '../journal/journal.ts'
import { MemoryJournal } from '../journal/journal-memory.ts'
import { plainStyle } from '../text/style.ts'
import { type FileDigests, unreadable } from './changed-files.ts'
import { changesSince, historyLines } from './history-text.ts'
import { runOn, text, topologyDigest } from './past-runs.fixture.ts'
import { featureDigest, type RunRecord } from './run-record.ts'
import { scenarioHistories } from './scenario-history.ts'
import { scenarioKeys } from './scenario-key.ts'
import { reasonsForNewDrill, stalenessOf } from './staleness.ts'

const present = {
  now: new Date('2026-11-29T12:00:00Z'),
  maxAgeMs: 7 * 24 * 3600_000,
  version: '1.0.0',
  guestImage: '0123456789abcdef',
  topologies: new Map([['t.yaml', topologyDigest]]),
  features: new Map([['a.feature', featureDigest(text)]]),
  code: { 'steps/own.ts': 'c1' } as FileDigests,
  runbooks: { 'bind.sh': 'r1' } as FileDigests,
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
    assert.deepEqual(reasons([runOn(25, 'passed'), runOn(28, 'unknown')]), [
      'the last outcome is unknown',
      'since it passed in r25: no recorded change',
    ])
    assert.deepEqual(reasons([runOn(28, 'failed')]), ['the last outcome is failed', 'it never passed'])
  })

  it('if its feature has changed since, or does not exist any more', () => {
    const features = new Map([['a.feature', featureDigest('Feature: B\n')]])
    assert.deepEqual(reasons([runOn(25, 'passed')], { features }), ['a.feature has changed'])
    assert.deepEqual(reasons([runOn(25, 'passed')], { features: new Map() }), ['a.feature does not exist now'])
  })

  it('if dr-drill has changed since', () => {
    assert.deepEqual(reasons([runOn(25, 'passed')], { version: '2.0.0' }), [
      'dr-drill 1.0.0 was used, and now it is 2.0.0',
    ])
  })
})

describe('a verdict', () => {
  it('expires if a topology file has changed since, or does not exist any more', () => {
    assert.deepEqual(reasons([runOn(25, 'passed', { topology: topologyDigest })]), [])
    assert.deepEqual(reasons([runOn(25, 'passed', { topology: 'b'.repeat(64) })]), ['the topology t.yaml has changed'])
    const topologies = new Map<string, string>()
    assert.deepEqual(reasons([runOn(25, 'passed', { topology: topologyDigest })], { topologies }), [
      'the topology t.yaml does not exist now',
    ])
  })

  it('expires if a step of the project, or what it imports, has changed since, and names it', () => {
    const changed = (code: FileDigests) => reasons([runOn(25, 'passed')], { code })
    assert.deepEqual(changed({ 'steps/own.ts': 'c2' }), ['steps/own.ts has changed'])
    assert.deepEqual(changed({ 'steps/own.ts': 'c1', 'verdicts/late.ts': 'v' }), ['verdicts/late.ts is new'])
    assert.deepEqual(changed({}), ['steps/own.ts was removed'])
    assert.deepEqual(changed({ 'steps/own.ts': unreadable }), ['steps/own.ts could not be read, and may have changed'])
    const many = Object.fromEntries(Array.from({ length: 9 }, (_, nth) => [`steps/${nth}.ts`, 'd']))
    assert.deepEqual(changed({ ...many, 'steps/own.ts': 'c1' }).slice(4), [
      'steps/4.ts is new',
      '4 more files have changed',
    ])
  })

  it('expires if a file that its runbook names has changed since, or does not exist any more', () => {
    const runs = [runOn(25, 'passed', { runbook: './bind.sh' })]
    assert.deepEqual(reasons(runs), [])
    assert.deepEqual(reasons(runs, { runbooks: { 'bind.sh': 'r2', 'other.sh': 'r' } }), ['bind.sh has changed'])
    assert.deepEqual(reasons(runs, { runbooks: {} }), ['bind.sh was removed'])
  })

  it('does not hold if its journal records neither own steps nor the files of its runbooks', () => {
    assert.deepEqual(reasons([runOn(25, 'passed', { isOld: true, runbook: './bind.sh' })]), [
      'the journal of its run does not record steps/own.ts',
      'the journal of its run does not record the files of its runbooks',
    ])
    assert.deepEqual(reasons([runOn(25, 'passed', { isOld: true })], { code: {} }), [])
  })

  it('expires if the guest image has changed since', () => {
    const image = 'fedcba9876543210'
    assert.deepEqual(reasons([runOn(25, 'passed', { image })]), [
      `the guest image ${image} was used, and now it is 0123456789abcdef`,
    ])
    assert.deepEqual(reasons([runOn(25, 'passed', { image: 'unknown' })]), [])
  })

  it('that was lost names what changed since the last good run', () => {
    const runs = [runOn(24, 'passed'), runOn(25, 'failed', { topology: topologyDigest, version: '1.1.0' })]
    assert.deepEqual(reasons(runs).at(-1), 'since it passed in r24: dr-drill 1.0.0 was used, and now it is 1.1.0')
    const alike = [runOn(24, 'passed'), runOn(25, 'failed')]
    assert.deepEqual(reasons(alike), ['the last outcome is failed', 'since it passed in r24: no recorded change'])
  })

  it('that holds has a day on which it expires', () => {
    const selected = existing('n')
    const { nextDue } = stalenessOf(scenarioHistories([runOn(25, 'passed')]), {
      ...present,
      scenarios: selected,
      selected,
    })
    assert.equal(nextDue, '2026-12-02T12:00:00.000Z')
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
    const nextDue = '2026-12-02T12:00:00.000Z'
    assert.deepEqual(staleness([runOn(25, 'passed')], ['n', 'new']), { due: [never], removed: [], count: 2, nextDue })
    assert.deepEqual(staleness([runOn(25, 'passed')], ['n', 'new'], ['n']), { due: [], removed: [], count: 1, nextDue })
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
    assert.equal(isUnsteady([runOn(1, 'passed'), runOn(2, 'failed', { code: { 'steps/own.ts': 'c2' } })]), false)
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

  it('shows objectives of the last run, and what was measured before', () => {
    const runs = [runOn(1, 'passed', { tookMs: 500 }), runOn(2, 'passed', { tookMs: 1500 })]
    const histories = scenarioHistories(runs)
    const staleness = stalenessOf(histories, { ...present, selected: [], scenarios: existing('n') })
    const lines = historyLines({ runs, histories, staleness }, plainStyle).join('\n')
    assert.match(lines, /a\.feature:2 {2}n: recovery time pass: 1\.5 s, required 2\.0 s, 0\.5 s the time before/)
  })
})
