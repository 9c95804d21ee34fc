import { createHash } from 'node:crypto'
import { momentOf } from '../assess/judge/snapshot-age.ts'
import type { FoundWorkload } from '../assess/scan/found.ts'
import type { Shard } from '../input/shard.ts'

/** The disks whose content is read. All conditions must hold. */
export interface DiskSelection {
  /** A random part of all disks, above 0 and up to 1. */
  readonly sample?: number
  /** Decides what the random part is. */
  readonly seed: string
  /** The newest snapshots of each workload. */
  readonly newest?: number
  /** A part of all disks that is always the same. */
  readonly subset?: Shard
}

/** Decides whether a disk is read. Workloads must be added before their disks are asked for. */
export class SelectedDisks {
  readonly #selection: DiskSelection
  readonly #newest = new Map<string, ReadonlySet<string>>()

  constructor(selection: DiskSelection) {
    this.#selection = selection
  }

  add(workload: FoundWorkload): void {
    const { newest } = this.#selection
    if (newest !== undefined) this.#newest.set(workload.workloadId, newestOf(workload, newest))
  }

  /** @param path of the image of the disk, below its target */
  has(path: string): boolean {
    const { sample, seed, subset, newest } = this.#selection
    if (sample !== undefined && fractionOf(`${seed}/${path}`) >= sample) return false
    if (subset !== undefined && Math.floor(fractionOf(path) * subset.count) + 1 !== subset.number) return false
    if (newest === undefined) return true
    const [, workloadId = '', snapshotId = ''] = /^workload_([^/]+)\/snapshot_([^/]+)\//.exec(path) ?? []
    return this.#newest.get(workloadId)?.has(snapshotId) ?? false
  }
}

/** From 0 to below 1, evenly, and the same everywhere. */
const fractionOf = (text: string): number => createHash('sha256').update(text).digest().readUIntBE(0, 6) / 2 ** 48

/** Snapshots without a date are always among them: they may be the newest. */
function newestOf({ parts }: FoundWorkload, count: number): ReadonlySet<string> {
  const dates = new Map<string, number>()
  for (const { snapshotId, record } of parts.flatMap(({ snapshots }) => snapshots)) {
    if (record?.isDeleted) continue
    const takenMs = momentOf(record?.createdAt) ?? Number.POSITIVE_INFINITY
    dates.set(snapshotId, Math.min(takenMs, dates.get(snapshotId) ?? Number.POSITIVE_INFINITY))
  }
  const undated = [...dates].filter(([, takenMs]) => takenMs === Number.POSITIVE_INFINITY)
  const dated = [...dates].filter(([, takenMs]) => takenMs !== Number.POSITIVE_INFINITY).sort(([, a], [, b]) => b - a)
  return new Set([...undated, ...dated.slice(0, count)].map(([snapshotId]) => snapshotId))
}
