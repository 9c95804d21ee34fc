import type { WorkloadManager } from '../manager.ts'
import { writeLog } from '../manager-log.ts'
import type { Ownership, RecordOwner } from '../records/record-owner.ts'
import { type SkippedRecord, snapshotsOf, type WorkloadOnTarget, workloadsOn } from '../records/target-records.ts'
import { checkTargets } from '../target/check-target.ts'

/** A workload that a list shows. */
export interface ListedWorkload extends RecordOwner {
  readonly id: string
  readonly name: string
  /** The name of the backup target type where it was found. */
  readonly target: string
  readonly snapshotCount: number
  /** `mixed` if a reassignment was interrupted. */
  readonly ownership: Ownership
}

/** A list of workloads on targets. */
export interface WorkloadListing {
  readonly workloads: readonly ListedWorkload[]
  /** Records that could not be read. They are in the log, and cost only themselves. */
  readonly skipped: readonly SkippedRecord[]
  /** Targets that were not read. Their workloads are unknown, not absent. */
  readonly unreadTargets: readonly { readonly name: string; readonly problem: string }[]
  /** A documented issue of the product that makes this list wrong. */
  readonly issue?: string
}

export interface ListingOptions {
  /** Only workloads of this project. */
  readonly projectId?: string
  readonly signal?: AbortSignal
}

/**
 * Lists the workloads on all targets that `isListed` selects by their own record. The snapshots of others are not read.
 * @throws the reason of `signal`
 */
export async function listOnTargets(
  manager: WorkloadManager,
  isListed: (workload: WorkloadOnTarget) => boolean,
  { signal }: ListingOptions = {},
): Promise<Omit<WorkloadListing, 'issue'>> {
  const workloads: ListedWorkload[] = []
  const skipped: SkippedRecord[] = []
  const unreadTargets: { readonly name: string; readonly problem: string }[] = []
  for (const { target, problem } of await checkTargets(manager.targets)) {
    const unread = (why: string) => unreadTargets.push({ name: target.name, problem: why })
    if (problem !== undefined) {
      unread(problem)
      continue
    }
    try {
      for await (const workload of workloadsOn(target, (one) => skipped.push(one), { signal }))
        if (isListed(workload)) workloads.push(listed(workload, skipped))
    } catch (error) {
      signal?.throwIfAborted()
      unread((error as Error).message)
    }
  }
  for (const { path, message } of skipped) writeLog(manager, 'WARNING', `skipped ${path}: ${message}`)
  for (const { name, problem } of unreadTargets) writeLog(manager, 'WARNING', `backup target ${name}: ${problem}`)
  return { workloads, skipped, unreadTargets }
}

function listed(workload: WorkloadOnTarget, skipped: SkippedRecord[]): ListedWorkload {
  const { id, record, owner, target } = workload
  const row = { id, name: record.display_name ?? '', ...owner, target: target.name }
  try {
    const found = snapshotsOf(workload)
    skipped.push(...found.skipped)
    return { ...row, snapshotCount: found.snapshots.length + found.skipped.length, ownership: found.ownership }
  } catch (error) {
    skipped.push({ path: `${target.mountPath}/workload_${id}`, message: (error as Error).message })
    return { ...row, snapshotCount: 0, ownership: 'unknown' }
  }
}
