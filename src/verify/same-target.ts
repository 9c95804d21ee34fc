import type { TargetIdentity } from '../assess/scan/found.ts'

/** Returns why two identities are not those of one target. Undefined if they are. */
export function otherTarget(one: TargetIdentity | undefined, other: TargetIdentity | undefined): string | undefined {
  if (one === undefined || other === undefined) return 'a target was not identified'
  const shared = Object.keys(one.workloads).filter((id) => id in other.workloads)
  const isEmpty = [one, other].every(({ workloads }) => Object.keys(workloads).length === 0)
  if (shared.length === 0 && !isEmpty) return 'they have no workload in common'
  const isSame = one.inode === other.inode && shared.every((id) => one.workloads[id] === other.workloads[id])
  return isSame ? undefined : 'they have the same workloads, but are two copies: their folders have other inodes'
}
