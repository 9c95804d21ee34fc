import type { JournalEntry, RestoreRecord } from '../../journal/journal.ts'
import { counted } from '../../text/plural.ts'
import { siteNodes } from '../observation/node-facts.ts'
import { entriesOf, fail, pass, type Question, UnjudgeableError } from '../question.ts'
import { type InSeries, recordsOfSeries } from '../series.ts'
import { firstOf, missingFrom, nodesOf, type RestoreEntry } from './restore-entries.ts'

type Image = RestoreRecord['image']

/** The snapshots that a claim names. Each property that is left out leaves the choice as wide as it is. */
export interface SnapshotSet extends InSeries {
  readonly type?: Image['type']
  readonly workload?: string
  readonly snapshot?: number
  /** Undefined for every node of the series. */
  readonly nodes?: readonly string[]
}

/**
 * Asks whether a series has a restore of every disk of the snapshots that were backed up, on each node. Whether it succeeded
 * is another question: a failed restore is no evidence here, so that it is not taken for examined.
 */
export const everySnapshotRestored: Question<SnapshotSet> = {
  name: 'a restore of every snapshot was tried',
  judge: (journal, { type, workload, snapshot, nodes, series }) => {
    const images = backedUpImages(journal).filter(
      (image) =>
        (type === undefined || image.type === type) &&
        (workload === undefined || image.workload === workload) &&
        (snapshot === undefined || image.snapshot === snapshot),
    )
    if (images.length === 0) throw new UnjudgeableError('no such snapshot was backed up')
    const restores = recordsOfSeries(entriesOf(journal, 'restore'), series)
    if (restores.length === 0) throw new UnjudgeableError('nothing was restored')
    const where = nodes ?? nodesOf(restores)
    if (where.length === 0) throw new UnjudgeableError('the claim names no node')
    const paths = images.map(({ path }) => path)
    const missing = missingFrom(restores, paths, where)
    const evidence = [
      ...entriesOf(journal, 'backup').filter(({ image }) => paths.includes(image.path)),
      ...restores.filter(({ restore }) => restore.outcome === 'restored'),
    ].map(({ seq }) => seq)
    const found = coverageOf(journal, restores)
    return missing.length === 0 ? pass(found, evidence) : fail(`only ${found}, and not ${firstOf(missing)}`, evidence)
  },
}

/** Returns how much of what could be restored was restored, e.g. `1 of 8 snapshots, on 1 of 2 nodes`. */
export function coverageOf(journal: readonly JournalEntry[], restores: readonly RestoreEntry[]): string {
  const nodes = nodesOf(restores)
  const snapshots = Map.groupBy(backedUpImages(journal), ({ workloadId, snapshotId }) => `${workloadId} ${snapshotId}`)
  // A snapshot counts if each of its disks was restored on each of the nodes.
  const whole = [...snapshots.values()].filter((images) => {
    const paths = images.map(({ path }) => path)
    return missingFrom(restores, paths, nodes).length === 0
  })
  const sites = new Set(restores.map(({ restore }) => restore.site))
  const known = new Map(siteNodes.history(journal).map(({ where, facts }) => [where, facts]))
  const all = new Set([...sites].flatMap((site) => known.get(site) ?? []))
  // A journal of an older version does not name the nodes of its sites.
  const isKnown = [...sites].every((site) => known.has(site))
  const of = isKnown ? ` of ${all.size}` : ''
  const isOne = (isKnown ? all.size : nodes.length) === 1
  return `${whole.length} of ${counted(snapshots.size, 'snapshot')}, on ${nodes.length}${of} ${isOne ? 'node' : 'nodes'}`
}

/** Returns the images that were backed up, each once. */
function backedUpImages(journal: readonly JournalEntry[]): readonly Image[] {
  return [...new Map(entriesOf(journal, 'backup').map(({ image }) => [image.path, image])).values()]
}
