import type { JournalEntry, RestoreRecord } from '../../journal/journal.ts'
import { type EntryOf, entriesOf, UnjudgeableError } from '../question.ts'
import { type InSeries, recordsOfSeries } from '../series.ts'

export type RestoreEntry = EntryOf<'restore'>

/**
 * Returns the last backup record of the image before the restore. Content is judged against it, never against what the
 * restore carries along about its image.
 */
export function backupOf(journal: readonly JournalEntry[], entry: RestoreEntry): EntryOf<'backup'> | undefined {
  const { image } = entry.restore
  return entriesOf(journal, 'backup').findLast(
    (backup) =>
      backup.seq < entry.seq &&
      backup.image.path === image.path &&
      backup.image.vmId === image.vmId &&
      backup.image.disk === image.disk &&
      backup.image.snapshotId === image.snapshotId,
  )
}

/** The restores of one series that a claim is about. */
export interface RestoreSet extends InSeries {
  /** Undefined for every node of the series. */
  readonly nodes?: readonly string[]
  /** Paths. Undefined for every image of the series. */
  readonly images?: readonly string[]
}

/**
 * Returns the restores of a set.
 * @throws UnjudgeableError if the set is empty, or if an image was not restored on a node: "every" is not proven then
 */
export function claimedRestores(journal: readonly JournalEntry[], set: RestoreSet): readonly RestoreEntry[] {
  const series = recordsOfSeries(entriesOf(journal, 'restore'), set.series)
  const nodes = set.nodes ?? nodesOf(series)
  const paths = set.images ?? pathsOf(series)
  if (series.length === 0) throw new UnjudgeableError('nothing was restored')
  if (nodes.length === 0) throw new UnjudgeableError('the claim names no node')
  if (paths.length === 0) throw new UnjudgeableError('nothing was restored that the claim names')
  const missing = missingFrom(series, paths, nodes)
  if (missing.length > 0) throw new UnjudgeableError(`never restored: ${firstOf(missing)}`)
  return series.filter(({ restore }) => nodes.includes(restore.node) && paths.includes(restore.image.path))
}

/** Returns `PATH on NODE` for each image that was not restored on a node. */
export function missingFrom(
  restores: readonly RestoreEntry[],
  paths: readonly string[],
  nodes: readonly string[],
): readonly string[] {
  const done = new Set(restores.map(({ restore }) => `${restore.image.path} on ${restore.node}`))
  return nodes.flatMap((node) => paths.map((path) => `${path} on ${node}`)).filter((one) => !done.has(one))
}

/** Lists the first three, and counts the others. */
export function firstOf(texts: readonly string[]): string {
  const more = texts.length > 3 ? ` and ${texts.length - 3} more` : ''
  return `${texts.slice(0, 3).join(', ')}${more}`
}

export function nodesOf(restores: readonly RestoreEntry[]): readonly string[] {
  return [...new Set(restores.map(({ restore }) => restore.node))]
}

function pathsOf(restores: readonly RestoreEntry[]): readonly string[] {
  return [...new Set(restores.map(({ restore }) => restore.image.path))]
}

/** Names a restore for a person: which snapshot, of which disk, on which node. */
export function nameOfRestore({ image, node }: RestoreRecord): string {
  return `snapshot ${image.snapshot} of "${image.workload}" (${image.vm}, ${image.disk}) on ${node}`
}
