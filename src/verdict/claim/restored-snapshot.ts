import type { JournalEntry, Phase } from '../../journal/journal.ts'
import { type EntryOf, entriesOf } from '../question.ts'
import { recordsOfSeries } from '../series.ts'
import { judgeContent } from './recorded-content.ts'
import type { RestoreEntry } from './restore-entries.ts'

/** A snapshot that was restored after a recovery: every disk, and with the recorded content. */
export interface RestoredSnapshot {
  readonly workload: string
  readonly snapshot: number
  /** One for each disk. */
  readonly backups: readonly EntryOf<'backup'>[]
  /** In the order of the journal. */
  readonly restores: readonly RestoreEntry[]
  readonly evidence: readonly number[]
}

/** Returns the restores that were made after a recovery, and not for a baseline. */
export function recoveredRestores(journal: readonly JournalEntry[]): readonly RestoreEntry[] {
  let phase: Phase | undefined
  return journal.filter((entry): entry is RestoreEntry => {
    if (entry.kind === 'phase-started') phase = entry.phase
    if (entry.kind === 'phase-ended') phase = undefined
    return entry.kind === 'restore' && phase === 'restore'
  })
}

/**
 * Returns the newest snapshot of a workload that was restored after a recovery. Every disk of it must have its content in
 * each restore of the last series that has the disk: one that failed on a node was not restored.
 */
export function newestRestored(journal: readonly JournalEntry[], workload: string): RestoredSnapshot | undefined {
  const backups = entriesOf(journal, 'backup').filter(({ image }) => image.workload === workload)
  const byPath = Map.groupBy(recoveredRestores(journal), ({ restore }) => restore.image.path)
  const snapshots = [...Map.groupBy(backups, ({ image }) => image.snapshot)].toSorted(([a], [b]) => b - a)
  for (const [snapshot, images] of snapshots) {
    const ofSnapshot = [...new Map(images.map((one) => [one.image.path, one])).values()]
    const ofEach = ofSnapshot.map(({ image }) => recordsOfSeries(byPath.get(image.path) ?? []))
    const restores = ofEach.flat().toSorted((a, b) => a.seq - b.seq)
    const isWhole = ofEach.every((some) => some.length > 0)
    if (!isWhole || !restores.every((one) => judgeContent(journal, one).verdict === 'pass')) continue
    const evidence = [...ofSnapshot, ...restores].map(({ seq }) => seq)
    return { workload, snapshot, backups: ofSnapshot, restores, evidence }
  }
  return undefined
}
