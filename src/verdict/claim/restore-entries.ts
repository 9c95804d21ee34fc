import type { JournalEntry, RestoreRecord } from '../../journal/journal.ts'
import { type EntryOf, entriesOf, UnjudgeableError } from '../question.ts'

export type RestoreEntry = EntryOf<'restore'>

/**
 * Returns one restore: the one with this id, or the last.
 * @throws UnjudgeableError if there is none
 */
export function restoreOf(journal: readonly JournalEntry[], id?: string): RestoreEntry {
  const restores = entriesOf(journal, 'restore')
  const found = id === undefined ? restores.at(-1) : restores.findLast(({ restore }) => restore.id === id)
  if (found !== undefined) return found
  throw new UnjudgeableError(id === undefined ? 'nothing was restored' : `there is no restore ${id}`)
}

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

/** The restores that a claim covers, and the nodes that it covers. */
export interface RestoreSet {
  /** Ids, or `all` for every restore so far. */
  readonly restores: readonly string[] | 'all'
  readonly nodes: readonly string[]
  /** Paths. Undefined for every image that was backed up. */
  readonly images?: readonly string[]
}

/**
 * Returns the restores of a set.
 * @throws UnjudgeableError if the set is empty, or if an image was not restored on a node: "every" is not proven then
 */
export function claimedRestores(journal: readonly JournalEntry[], set: RestoreSet): readonly RestoreEntry[] {
  const every = entriesOf(journal, 'restore')
  const chosen = set.restores === 'all' ? every : set.restores.map((id) => restoreOf(journal, id))
  if (chosen.length === 0) throw new UnjudgeableError('nothing was restored')
  if (set.nodes.length === 0) throw new UnjudgeableError('the claim names no node')
  const paths = set.images ?? [...new Set(entriesOf(journal, 'backup').map(({ image }) => image.path))]
  if (paths.length === 0) throw new UnjudgeableError('nothing was backed up')
  const done = new Set(chosen.map(({ restore }) => `${restore.node}\n${restore.image.path}`))
  const missing = set.nodes.flatMap((node) =>
    paths.filter((path) => !done.has(`${node}\n${path}`)).map((path) => `${path} on ${node}`),
  )
  if (missing.length > 0) {
    const more = missing.length > 3 ? ` and ${missing.length - 3} more` : ''
    throw new UnjudgeableError(`never restored: ${missing.slice(0, 3).join(', ')}${more}`)
  }
  return chosen
}

/** Names a restore for a person: which snapshot, of which disk, on which node. */
export function nameOfRestore({ image, node }: RestoreRecord): string {
  return `snapshot ${image.snapshot} of "${image.workload}" (${image.vm}, ${image.disk}) on ${node}`
}
