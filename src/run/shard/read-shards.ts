import { existsSync, realpathSync } from 'node:fs'
import { InputError } from '../../errors.ts'
import type { JournalEntry, ShardRecord } from '../../journal/journal.ts'
import { readJournal } from '../../journal/journal-file.ts'

/** The journal of one shard. */
export interface ShardJournal {
  readonly path: string
  readonly entries: readonly JournalEntry[]
  readonly run: string
  /** The version of dr-drill that made it. */
  readonly version: string
  readonly shard: ShardRecord
  /** The commit of the features. Undefined outside a work tree. */
  readonly commit?: string
  /** SHA-256 of the project's own steps, and of what they import, by path. Undefined in journals of older versions. */
  readonly code?: Readonly<Record<string, string>>
}

/**
 * Reads the journals of shards, also those of machines that were lost.
 * @throws InputError if a journal cannot be read, is not a shard's, or does not belong to the same run as the others
 */
export function readShards(paths: readonly string[]): readonly ShardJournal[] {
  // "latest" is another name of one of them.
  const byFile = new Map(paths.toReversed().map((path) => [existsSync(path) ? realpathSync(path) : path, path]))
  const shards = [...byFile.values()].map(readShard)
  const [first, ...others] = shards
  if (first === undefined) throw new InputError('no shard to merge')
  for (const other of others) requireSameRun(first, other)
  for (const [number, same] of Map.groupBy(shards, ({ shard }) => shard.number)) {
    const [one, another] = same
    if (one !== undefined && another !== undefined)
      throw new InputError(`both are shard ${number}/${one.shard.count}: ${one.path} and ${another.path}`, {
        remedy: 'Merge only one run of each shard.',
      })
  }
  return shards.toSorted((one, other) => one.shard.number - other.shard.number)
}

function readShard(path: string): ShardJournal {
  const { entries } = readJournal(path)
  const started = entries.find((entry) => entry.kind === 'run-started')
  if (started?.shard === undefined)
    throw new InputError(`${path} is not the journal of a shard`, {
      remedy: 'Make each with: dr-drill run --shard NUMBER/COUNT',
    })
  const { run, version, shard } = started
  const { features, code } = entries.find((entry) => entry.kind === 'environment')?.environment ?? {}
  return { path, entries, run, version, shard, ...(features && { commit: features.commit }), ...(code && { code }) }
}

/** Shards of different runs would make a report of something that never ran. */
function requireSameRun(one: ShardJournal, other: ShardJournal): void {
  const difference = differenceOf(one, other)
  if (difference === undefined) return
  throw new InputError(`${one.path} and ${other.path} are not shards of one run: ${difference}`, {
    remedy: 'Run all shards with the same features, steps, options and version.',
  })
}

function differenceOf(one: ShardJournal, other: ShardJournal): string | undefined {
  if (one.version !== other.version) return `their versions are ${one.version} and ${other.version}`
  if (one.shard.count !== other.shard.count) return `they are of ${one.shard.count} and of ${other.shard.count} shards`
  if (one.commit !== undefined && other.commit !== undefined && one.commit !== other.commit)
    return `their features are of the commits ${one.commit} and ${other.commit}`
  const file = changedFile(one.code ?? {}, other.code ?? {})
  if (one.code !== undefined && other.code !== undefined && file !== undefined) return `their steps differ in ${file}`
  const [selected, otherSelected] = [new Set(one.shard.selected), new Set(other.shard.selected)]
  const [location] = selected.symmetricDifference(otherSelected)
  return location === undefined ? undefined : `only one of them was divided with ${location}`
}

function changedFile(
  one: Readonly<Record<string, string>>,
  other: Readonly<Record<string, string>>,
): string | undefined {
  return Object.keys({ ...one, ...other }).find((path) => one[path] !== other[path])
}
