import type { DiskResource, FoundPart, FoundSnapshot, FoundWorkload } from '../assess/scan/found.ts'
import { shardNumberOf } from '../assess/scan/selected-vm.ts'

/** What the shards found of a workload. */
export interface ShardsOfWorkload {
  readonly workloadId: string
  readonly count: number
  /** By the numbers of the shards. */
  readonly found: ReadonlyMap<number, FoundWorkload>
  /** Why a shard has nothing of the workload. */
  readonly whyAbsent: (number: number) => string
}

/**
 * Joins what shards found of a workload. Each of them read the images of its own VMs, and the records of all. A place
 * that a shard has not read, or that changed from one shard to another, counts as not read: it is unknown.
 */
export function mergedWorkload(shards: ShardsOfWorkload): FoundWorkload {
  const { workloadId, found } = shards
  const parts = [...found].flatMap(([number, { parts }]) => parts.map((part) => ({ number, part })))
  const byTarget = Map.groupBy(parts, ({ part }) => part.target)
  return {
    workloadId,
    parts: [...byTarget.values()].map((same) => mergedPart(shards, new Map(same.map((one) => [one.number, one.part])))),
  }
}

function mergedPart(shards: ShardsOfWorkload, parts: ReadonlyMap<number, FoundPart>): FoundPart {
  const all = [...parts.values()]
  const [first] = all
  if (first === undefined) throw new Error('no parts')
  const { unread: _unread, snapshots: _snapshots, problems: _problems, oddities: _oddities, ...facts } = first
  const snapshots = all.flatMap((part) => part.snapshots)
  const isSame = all.every(({ record, hasVms }) => isEqual([record, hasVms], [first.record, first.hasVms]))
  const unread =
    all.find((part) => part.unread !== undefined)?.unread ?? (isSame ? undefined : 'its record changed between shards')
  const merged = [...Map.groupBy(snapshots, ({ snapshotId }) => snapshotId).keys()].map((snapshotId) =>
    mergedSnapshot(
      shards,
      new Map(
        [...parts].flatMap(([number, part]) => {
          const snapshot = part.snapshots.find((one) => one.snapshotId === snapshotId)
          return snapshot === undefined ? [] : [[number, snapshot] as const]
        }),
      ),
    ),
  )
  return {
    ...facts,
    snapshots: merged.sort((a, b) => (a.snapshotId < b.snapshotId ? -1 : 1)),
    problems: distinct(all.flatMap(({ problems }) => problems)),
    oddities: distinct(all.flatMap(({ oddities }) => oddities)),
    ...(unread !== undefined && { unread }),
  }
}

function mergedSnapshot(
  { workloadId, count, whyAbsent }: ShardsOfWorkload,
  snapshots: ReadonlyMap<number, FoundSnapshot>,
): FoundSnapshot {
  const all = [...snapshots.values()]
  const [first] = all
  if (first === undefined) throw new Error('no snapshots')
  const { unread: _unread, disks: _disks, problems: _problems, oddities: _oddities, ...facts } = first
  const isSame = all.every(({ record, vmNames, resources }) =>
    isEqual([record, vmNames, resources], [first.record, first.vmNames, first.resources]),
  )
  const absent = Array.from({ length: count }, (_, index) => index + 1).find(
    (number) => !snapshots.has(number) && mayHoldVmOf(workloadId, first.resources, { number, count }),
  )
  const unread =
    all.find((one) => one.unread !== undefined)?.unread ??
    (isSame ? undefined : 'its records changed between shards') ??
    (absent === undefined ? undefined : whyAbsent(absent))
  return {
    ...facts,
    disks: [...snapshots]
      .flatMap(([number, { disks }]) => disks.filter(({ vmId }) => shardNumberOf(workloadId, vmId, count) === number))
      .sort((a, b) => (a.folder < b.folder ? -1 : 1)),
    problems: distinct(all.flatMap(({ problems }) => problems)),
    oddities: distinct(all.flatMap(({ oddities }) => oddities)),
    ...(unread !== undefined && { unread }),
  }
}

/** True unless the records prove that a snapshot has no VM of a shard. */
function mayHoldVmOf(
  workloadId: string,
  resources: readonly DiskResource[] | undefined,
  { number, count }: { readonly number: number; readonly count: number },
): boolean {
  if (resources === undefined) return true
  return resources.some(({ vmId }) => vmId === undefined || shardNumberOf(workloadId, vmId, count) === number)
}

const isEqual = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other)

/** Without those that are equal to an earlier one. */
export function distinct<T>(all: readonly T[]): readonly T[] {
  return [...new Map(all.map((one) => [JSON.stringify(one), one])).values()]
}
