import type { JournalEntry, RestoreRecord } from '../../journal/journal.ts'
import { type EntryOf, entriesOf } from '../question.ts'

export type RestoreEntry = EntryOf<'restore'>

/** One restore: the named one, or the last. @throws when there is none: that cannot be judged */
export function restoreOf(journal: readonly JournalEntry[], id?: string): RestoreEntry {
  const restores = entriesOf(journal, 'restore')
  const found = id === undefined ? restores.at(-1) : restores.findLast(({ restore }) => restore.id === id)
  if (found === undefined) throw new Error(id === undefined ? 'nothing was restored' : `there is no restore ${id}`)
  return found
}

/** What was recorded when the image was backed up, last before the restore: the only thing to judge it against. */
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

/** The restores that a claim is about, and the nodes that it claims them of. */
export interface RestoreSet {
  /** Ids; `all` for every restore so far. */
  readonly restores: readonly string[] | 'all'
  readonly nodes: readonly string[]
  /** Leave out to claim every image of the catalog. */
  readonly images?: readonly string[]
}

/** @throws when the set is empty or leaves out an image on a node: then nothing can be said of every one */
export function restoresOf(journal: readonly JournalEntry[], set: RestoreSet): readonly RestoreEntry[] {
  const every = entriesOf(journal, 'restore')
  const chosen = set.restores === 'all' ? every : set.restores.map((id) => restoreOf(journal, id))
  if (chosen.length === 0) throw new Error('nothing was restored')
  if (set.nodes.length === 0) throw new Error('no node was named')
  const paths = set.images ?? [...new Set(entriesOf(journal, 'backup').map(({ image }) => image.path))]
  if (paths.length === 0) throw new Error('nothing was backed up')
  const done = new Set(chosen.map(({ restore }) => `${restore.node}\n${restore.image.path}`))
  const missing = set.nodes.flatMap((node) =>
    paths.filter((path) => !done.has(`${node}\n${path}`)).map((path) => `${path} on ${node}`),
  )
  if (missing.length > 0) {
    const more = missing.length > 3 ? ` and ${missing.length - 3} more` : ''
    throw new Error(`never restored: ${missing.slice(0, 3).join(', ')}${more}`)
  }
  return chosen
}

/** For a person: which restore, of what, where. */
export function name({ image, node }: RestoreRecord): string {
  return `snapshot ${image.snapshot} of "${image.workload}" (${image.vm}, ${image.disk}) on ${node}`
}
