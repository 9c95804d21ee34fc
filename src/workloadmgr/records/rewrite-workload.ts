import type { Dirent } from 'node:fs'
import { eachOf } from '../../concurrency/each-of.ts'
import { idInFolder, workloadFolder } from '../../target/layout.ts'
import { type RecordFields, readRecord } from '../../target/record-files.ts'
import { editedRecord, type RecordEdits } from './edited-record.ts'
import { RecordFolder } from './record-folder.ts'
import type { SkippedRecord, WorkloadOnTarget } from './target-records.ts'

/** The new values of the records of one workload. */
export interface WorkloadEdits {
  readonly ofWorkload: (record: RecordFields<'workload_db'>) => RecordEdits
  readonly ofSnapshot: (record: RecordFields<'snapshot_db'>) => RecordEdits
}

/** The records of a workload after they were rewritten. Paths have the mount path. */
export interface RewrittenWorkload {
  /** Those that have the new values, also if they had them before. */
  readonly changed: readonly string[]
  /** Those that have the old values. Empty unless `failure` is set. */
  readonly unchanged: readonly string[]
  /** Those that are unreadable, and were left as they are. */
  readonly unreadable: readonly SkippedRecord[]
  /** Why not all were rewritten. Undefined if they were. */
  readonly failure?: Error
}

/** Writes wait for the disk or the server, so several are under way at once. */
const concurrency = 8

/**
 * Rewrites the records of a workload: first those of its snapshots, then its own, which completes the change. Each file is
 * replaced atomically. When it is killed, each record has either the old or the new values; running it again finishes it,
 * and removes files that were half written.
 * @param allow called before each write; throws if it must not happen
 * @throws what opening the folder of the workload throws; nothing is changed then
 */
export async function rewriteWorkload(
  { id, target }: Pick<WorkloadOnTarget, 'id' | 'target'>,
  edits: WorkloadEdits,
  allow: () => void,
): Promise<RewrittenWorkload> {
  using folder = RecordFolder.at(`${target.mountPath}/${workloadFolder(id)}`)
  const entries = folder.entries()
  const snapshots = entries.filter(isSnapshotFolder).map(({ name }) => name)
  const unreadable: SkippedRecord[] = []
  let failure: Error | undefined
  try {
    removeHalves(folder, entries, allow)
    await eachOf(snapshots, concurrency, async (name) => {
      const skipped = await rewriteSnapshot(folder, name, edits, allow)
      if (skipped !== undefined) unreadable.push(skipped)
    })
    const skipped = await rewriteOwn(folder, edits, allow)
    if (skipped !== undefined) unreadable.push(skipped)
    return { changed: pathsOf(folder, snapshots, unreadable), unchanged: [], unreadable }
  } catch (error) {
    failure = error as Error
  }
  // What was written is read again: an error does not show whether its own file was replaced.
  const isChanged = (kind: 'workload_db' | 'snapshot_db', name: string) => needsNoEdit(folder, kind, name, edits)
  const [changed, unchanged]: [string[], string[]] = [[], []]
  for (const name of snapshots.map((one) => `${one}/snapshot_db`).concat('workload_db')) {
    const path = `${folder.path}/${name}`
    if (unreadable.some((one) => one.path === path)) continue
    const isNew = isChanged(name === 'workload_db' ? 'workload_db' : 'snapshot_db', name)
    ;(isNew ? changed : unchanged).push(path)
  }
  return { changed, unchanged, unreadable, failure }
}

const isSnapshotFolder = (entry: Dirent): boolean =>
  entry.isDirectory() && idInFolder('snapshot', entry.name) !== undefined

function pathsOf(
  folder: RecordFolder,
  snapshots: readonly string[],
  unreadable: readonly SkippedRecord[],
): readonly string[] {
  const without = new Set(unreadable.map(({ path }) => path))
  const all = [...snapshots.map((name) => `${folder.path}/${name}/snapshot_db`), `${folder.path}/workload_db`]
  return all.filter((path) => !without.has(path))
}

async function rewriteSnapshot(
  workload: RecordFolder,
  name: string,
  { ofSnapshot }: WorkloadEdits,
  allow: () => void,
): Promise<SkippedRecord | undefined> {
  using folder = workload.within(name)
  removeHalves(folder, folder.entries(), allow)
  const read = readText(folder, 'snapshot_db', 'snapshot_db')
  if ('message' in read) return read
  // The folder must stay open until then.
  return await replaceIfNew(folder, 'snapshot_db', read.text, ofSnapshot(read.record), allow)
}

async function rewriteOwn(
  folder: RecordFolder,
  { ofWorkload }: WorkloadEdits,
  allow: () => void,
): Promise<SkippedRecord | undefined> {
  const read = readText(folder, 'workload_db', 'workload_db')
  if ('message' in read) return read
  return replaceIfNew(folder, 'workload_db', read.text, ofWorkload(read.record), allow)
}

async function replaceIfNew(
  folder: RecordFolder,
  name: string,
  text: string,
  edits: RecordEdits,
  allow: () => void,
): Promise<undefined> {
  const edited = editedRecord(text, edits)
  if (edited === text) return
  allow()
  await folder.replace(name, edited)
}

function removeHalves(folder: RecordFolder, entries: readonly Dirent[], allow: () => void): void {
  if (!entries.some(({ name }) => RecordFolder.isHalf(name))) return
  allow()
  folder.removeHalves(entries)
}

/** True if a record has the new values. */
function needsNoEdit(
  folder: RecordFolder,
  kind: 'workload_db' | 'snapshot_db',
  name: string,
  { ofWorkload, ofSnapshot }: WorkloadEdits,
): boolean {
  const read = readText(folder, kind, name)
  if ('message' in read) return false
  const edits = kind === 'workload_db' ? ofWorkload(read.record) : ofSnapshot(read.record)
  return editedRecord(read.text, edits) === read.text
}

function readText<Kind extends 'workload_db' | 'snapshot_db'>(
  folder: RecordFolder,
  kind: Kind,
  name: string,
): { readonly text: string; readonly record: RecordFields<Kind> } | SkippedRecord {
  const path = `${folder.path}/${name}`
  try {
    const bytes = folder.read(name)
    const { record, problems } = readRecord(kind, bytes, name)
    if (record === undefined) return { path, message: problems[0]?.message ?? 'unreadable' }
    // Replacing broken characters would change fields that are to be kept.
    if (problems.some(({ message }) => message === 'not UTF-8')) return { path, message: 'not UTF-8' }
    return { text: bytes.toString('utf8'), record: record as RecordFields<Kind> }
  } catch (error) {
    return { path, message: (error as Error).message }
  }
}
