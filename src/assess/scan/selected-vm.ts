import { createHash } from 'node:crypto'
import type { Shard } from '../../input/shard.ts'

/** The VMs that a scan reads. */
export interface VmSelection {
  /** Id or name. Undefined for all. */
  readonly vm?: string
  /** Undefined for all. */
  readonly shard?: Shard
}

/** True if a selection excludes VMs, so that a workload may not be known completely. */
export const isPartial = ({ vm, shard }: VmSelection): boolean => vm !== undefined || shard !== undefined

/** True if a VM of a workload is selected. */
export function isSelectedVm(
  { vm, shard }: VmSelection,
  workloadId: string,
  vmId: string,
  names: Readonly<Record<string, string>> | undefined,
): boolean {
  if (vm !== undefined && vm !== vmId && vm !== names?.[vmId]) return false
  return shard === undefined || shardNumberOf(workloadId, vmId, shard.count) === shard.number
}

/** The number of the shard that reads the chains of a VM: the same on all machines, and in all versions. */
export function shardNumberOf(workloadId: string, vmId: string, count: number): number {
  const digest = createHash('sha256').update(`${workloadId}/${vmId}`).digest()
  return (digest.readUIntBE(0, 6) % count) + 1
}
