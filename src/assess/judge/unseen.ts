import type { FoundWorkload, Oddity } from '../scan/found.ts'
import { isMinor } from './minor-record.ts'

/** Workloads and snapshots that were not looked into: how many restores are in them, nobody knows. */
export function unseenIn(oddities: readonly Oddity[]): readonly Oddity[] {
  return oddities.filter(
    ({ kind, path }) =>
      (kind === 'symbolic-link' || kind === 'unreadable') &&
      /^workload_(?!transfers$)[^/]+(\/snapshot_[^/]+)?$/s.test(path),
  )
}

/** Where only one VM was asked for: whether all of a workload was looked into, and nothing of it is that VM's. */
export function isOfOtherVms({ parts }: FoundWorkload): boolean {
  return parts.every(
    ({ unread, oddities, snapshots }) =>
      unread === undefined &&
      unseenIn(oddities).length === 0 &&
      snapshots.every(
        (snapshot) =>
          snapshot.unread === undefined &&
          snapshot.vmNames !== undefined &&
          snapshot.resources?.length === 0 &&
          snapshot.disks.length === 0 &&
          snapshot.problems.every(isMinor),
      ),
  )
}
