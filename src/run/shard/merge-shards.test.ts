import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { JournalEntry, JournalEvent, Outcome } from '../../journal/journal.ts'
import { MemoryJournal } from '../../journal/journal-memory.ts'
import { runOverview } from '../../report/run-overview.ts'
import { mergeShards } from './merge-shards.ts'
import type { ShardJournal } from './read-shards.ts'

const selected = ['a:3', 'b:3', 'c:3']

interface ShardInput {
  readonly own: readonly string[]
  readonly outcomes: readonly (Outcome | 'open')[]
  readonly startSecond: number
  readonly isCut?: boolean
}

/** A shard whose drills take two seconds each. */
function shard(number: number, { own, outcomes, startSecond, isCut = false }: ShardInput, count = 2): ShardJournal {
  const record = { number, count, selected, own }
  const entries: JournalEntry[] = []
  let second = startSecond
  const add = (event: JournalEvent, drill?: string): void => {
    const at = new Date(Date.UTC(2026, 10, 1, 12, 0, second)).toISOString()
    entries.push({ seq: entries.length + 1, at, ...(drill && { drill }), ...event })
  }
  add({ kind: 'run-started', run: `r${number}`, version: '1', argv: [], shard: record })
  for (const [index, outcome] of outcomes.entries()) {
    const location = own[index] ?? ''
    add({ kind: 'drill-started', name: location, feature: 'f', location }, `d${index + 1}`)
    second += 2
    if (outcome !== 'open') add({ kind: 'drill-ended', outcome }, `d${index + 1}`)
  }
  if (!isCut) add({ kind: 'run-ended', exitCode: 0 })
  return { path: `shard-${number}.ndjson`, entries, run: `r${number}`, version: '1', shard: record }
}

function merge(...shards: readonly ShardJournal[]) {
  const journal = new MemoryJournal()
  const exitCode = mergeShards(shards, { journal, run: 'merged', argv: ['merge'], allowNotRun: false })
  const overview = runOverview(journal.entries())
  return { exitCode, overview, why: overview.findings.map(({ sentence }) => sentence), entries: journal.entries() }
}

const first: ShardInput = { own: ['a:3', 'b:3'], outcomes: ['passed', 'passed'], startSecond: 0 }
const second: ShardInput = { own: ['c:3'], outcomes: ['passed'], startSecond: 1 }

describe('merged shards', () => {
  it('are one run that passes if every scenario passed', () => {
    const { exitCode, overview, entries } = merge(shard(1, first), shard(2, second))
    assert.equal(exitCode, 0)
    assert.deepEqual(overview.counts, { passed: 3, failed: 0, unknown: 0, 'not run': 0 })
    assert.deepEqual(
      overview.drills.map(({ id, location }) => [id, location]),
      [
        ['d1', 'a:3'],
        ['d2', 'c:3'],
        ['d3', 'b:3'],
      ],
    )
    assert.deepEqual(
      entries.map(({ seq }) => seq),
      entries.map((_, index) => index + 1),
    )
  })

  it('took place when the shards did', () => {
    const { overview, entries } = merge(shard(1, first), shard(2, second))
    assert.equal(overview.startedAt, '2026-11-01T12:00:00.000Z')
    assert.equal(overview.durationMs, 4000)
    assert.deepEqual(
      entries.map(({ at }) => at),
      entries.map(({ at }) => at).toSorted(),
    )
  })

  it('fail if a shard is missing, and name it', () => {
    const { exitCode, why } = merge(shard(1, first))
    assert.equal(exitCode, 1)
    assert.deepEqual(why, ['shard 2/2 is missing; c:3 was in no shard'])
  })

  it('fail if a scenario was in two shards, or has no outcome', () => {
    const twice = merge(shard(1, first), shard(2, { ...second, own: ['c:3', 'b:3'], outcomes: ['passed', 'passed'] }))
    assert.deepEqual([twice.exitCode, twice.why], [1, ['b:3 was in shards 1 and 2']])
    const without = merge(shard(1, { ...first, outcomes: ['passed'] }), shard(2, second))
    assert.deepEqual([without.exitCode, without.why], [1, ['shard 1/2 has no outcome of b:3']])
  })

  it('are unknown in the scenario that ran when a machine was lost, and fail for those that it never began', () => {
    const { exitCode, overview, why } = merge(shard(1, { ...first, outcomes: ['open'], isCut: true }), shard(2, second))
    assert.equal(exitCode, 1)
    assert.deepEqual(overview.counts, { passed: 1, failed: 0, unknown: 1, 'not run': 0 })
    assert.deepEqual(overview.errors, ['the journal of shard 1/2 is cut: shard-1.ndjson'])
    assert.deepEqual(why, ['shard 1/2 has no outcome of b:3'])
    const atItsEnd = merge(shard(1, first), shard(2, { ...second, outcomes: ['open'], isCut: true }))
    assert.equal(atItsEnd.exitCode, 3)
  })

  it('keep the verdict of every shard', () => {
    assert.equal(merge(shard(1, first), shard(2, { ...second, outcomes: ['failed'] })).exitCode, 1)
    assert.equal(merge(shard(1, first), shard(2, { ...second, outcomes: ['unknown'] })).exitCode, 3)
    assert.equal(merge(shard(1, first), shard(2, { ...second, outcomes: ['not run'] })).exitCode, 3)
  })
})
