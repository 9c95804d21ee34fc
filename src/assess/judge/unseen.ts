import { foreignKind } from '../../target/foreign-name.ts'
import { idInFolder } from '../../target/layout.ts'
import type { FoundWorkload, Oddity } from '../scan/found.ts'
import { isMinor } from './minor-record.ts'

/** Workloads and snapshots that were not read: the number of their restores is unknown. */
export function unseenIn(oddities: readonly Oddity[]): readonly Oddity[] {
  return oddities.filter(
    ({ kind, path }) => (kind === 'symbolic-link' || kind === 'unreadable') && isWorkloadOrSnapshot(path),
  )
}

/** True if a path may lead to a workload or a snapshot, and not to a copy of one. */
function isWorkloadOrSnapshot(path: string): boolean {
  if (!/^workload_(?!transfers$)[^/]+(\/snapshot_[^/]+)?$/s.test(path)) return false
  const name = path.slice(path.lastIndexOf('/') + 1)
  const id = idInFolder('workload', name) ?? idInFolder('snapshot', name)
  return id !== undefined || foreignKind(name) === undefined
}

/** True if a workload was read completely, and has no disk of the selected VM. */
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
