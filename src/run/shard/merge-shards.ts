import { MachineError } from '../../errors.ts'
import type { JournalEntry, JournalEvent, MergedJournal } from '../../journal/journal.ts'
import { journalFormat } from '../../journal/journal-schema.ts'
import { MergedJournals } from '../../journal/merged-journals.ts'
import { eachScenarioOnce, mergedShards } from '../../verdict/observation/shards.ts'
import { about } from '../../verdict/question.ts'
import { type ExitCode, exitCodeOfRun } from '../exit-code.ts'
import type { ShardJournal } from './read-shards.ts'

export interface MergeShardsOptions {
  /** The empty journal of the merged run. */
  readonly journal: MergedJournal
  /** The id of the merged run. */
  readonly run: string
  readonly argv: readonly string[]
  /** True if scenarios that were not run do not fail the run. */
  readonly allowNotRun: boolean
}

/**
 * Merges the journals of shards into one, in the order of their times. The drill that a lost machine had open is unknown,
 * and a shard or scenario that is missing fails the run.
 */
export function mergeShards(shards: readonly ShardJournal[], options: MergeShardsOptions): ExitCode {
  const { journal, run, argv, allowNotRun } = options
  const times = shards.flatMap(({ entries }) => [entries[0]?.at ?? '', entries.at(-1)?.at ?? '']).sort()
  const [startedAt = '', endedAt = ''] = [times[0], times.at(-1)]
  // The run took place when its shards did, and not now.
  const atEnd: MergedJournal = {
    append: (event, drill) => journal.adopt({ seq: 0, at: endedAt, ...(drill && { drill }), ...event }, 0),
    adopt: (entry, worker) => journal.adopt(entry, worker),
    entries: (drill) => journal.entries(drill),
  }
  const mergedFrom = shards.map((one) => ({ run: one.run, number: one.shard.number }))
  const version = shards[0]?.version ?? ''
  const started: JournalEvent = { kind: 'run-started', run, version, argv, format: journalFormat, mergedFrom }
  journal.adopt({ seq: 0, at: startedAt, ...started }, 0)
  let drills = 0
  const merged = new MergedJournals({ journal: atEnd, newDrillId: () => `d${++drills}`, now: () => new Date(endedAt) })
  for (const [number, entry] of byTime(shards)) merged.take(number, entry)
  for (const { path, shard } of shards) {
    if (merged.hasEnded(shard.number)) continue
    const lost = new MachineError('shard-lost', `the journal of shard ${shard.number}/${shard.count} is cut: ${path}`)
    merged.lose(shard.number, lost)
    const { code, message, blame } = lost
    atEnd.append({ kind: 'error', code, message, blame })
  }
  merged.end()
  const [first] = shards
  mergedShards.record(atEnd, 'localhost', {
    count: first?.shard.count ?? 0,
    selected: first?.shard.selected ?? [],
    shards: shards.map((one) => ({ number: one.shard.number, run: one.run, own: one.shard.own })),
  })
  atEnd.append({ kind: 'finding', finding: about(eachScenarioOnce, {})(journal.entries()) })
  const exitCode = exitCodeOfRun(journal.entries(), { allowNotRun })
  atEnd.append({ kind: 'run-ended', exitCode })
  return exitCode
}

/** Returns the entries of all shards, each with the number of its shard, by their time. */
function* byTime(shards: readonly ShardJournal[]): Generator<readonly [number, JournalEntry]> {
  const rest = shards.map(({ shard, entries }) => ({ number: shard.number, entries, next: 0 }))
  for (;;) {
    const heads = rest.flatMap((one) => {
      const entry = one.entries[one.next]
      return entry === undefined ? [] : [{ one, entry }]
    })
    if (heads.length === 0) return
    const { one, entry } = heads.reduce((first, other) => (other.entry.at < first.entry.at ? other : first))
    one.next++
    yield [one.number, entry]
  }
}
