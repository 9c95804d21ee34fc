import { InputError } from '../../errors.ts'
import { requireLicense } from '../license.ts'
import type { WorkloadManager } from '../manager.ts'
import type { BackupTarget } from '../manager-config.ts'
import { isSameOwner } from '../records/record-owner.ts'
import { type FoundSnapshots, snapshotsOf, workloadOn } from '../records/target-records.ts'
import type { KnownSnapshot, KnownWorkload } from '../store/state-schema.ts'
import { checkTargets } from '../target/check-target.ts'
import type { ListedWorkload, ListingOptions, WorkloadListing } from './workload-listing.ts'

/** A workload of the database, with its records on the target. */
export interface ShownWorkload {
  readonly workload: KnownWorkload
  readonly snapshots: readonly KnownSnapshot[]
  readonly instances: readonly { readonly id: string; readonly name: string }[]
  /** Whether the records on the target agree with each other, and with the database, on the owner. */
  readonly ownership: ListedWorkload['ownership']
  /** Why the records could not be read. Undefined if they were. */
  readonly problem?: string
}

/**
 * Lists the workloads in the database, of one project or of all. No workload is not an error, as in the product.
 * @throws InputError without a license
 */
export async function listWorkloads(manager: WorkloadManager, options: ListingOptions = {}): Promise<WorkloadListing> {
  requireLicense(manager)
  const { projectId, signal } = options
  const rows = manager.store.workloads.list({ isDeleted: false, ...(projectId !== undefined && { projectId }) })
  return withOwnership(manager, rows, signal)
}

/**
 * Shows a workload in the database.
 * @param projectId undefined for a workload of any project
 * @throws InputError without a license, or if the project has no such workload
 */
export async function showWorkload(manager: WorkloadManager, id: string, projectId?: string): Promise<ShownWorkload> {
  requireLicense(manager)
  const { store } = manager
  const workload = store.workloads.find({ id, isDeleted: false, ...(projectId !== undefined && { projectId }) })
  if (workload === undefined) throw new InputError(`workload ${id} does not exist`)
  const listing = await withOwnership(manager, [workload])
  const [shown] = listing.workloads
  const problem = listing.unreadTargets[0]?.problem ?? listing.skipped[0]?.message
  return {
    workload,
    snapshots: store.snapshots.list({ workloadId: id, isDeleted: false }),
    instances: store.instances.list({ workloadId: id }),
    ownership: shown?.ownership ?? 'unknown',
    ...(problem !== undefined && { problem }),
  }
}

/** Adds what the records on the targets show to workloads of the database. */
export async function withOwnership(
  manager: WorkloadManager,
  rows: readonly KnownWorkload[],
  signal?: AbortSignal,
): Promise<WorkloadListing> {
  const used = new Set(rows.map(({ target }) => target))
  const states = await checkTargets(manager.targets.filter(({ name }) => used.has(name)))
  const online = new Map(states.flatMap(({ target, status }) => (status === 'online' ? [[target.name, target]] : [])))
  const skipped: WorkloadListing['skipped'][number][] = []
  const workloads = rows.map((row): ListedWorkload => {
    signal?.throwIfAborted()
    const { id, name, projectId, userId, target } = row
    const found = recordsOf(row, online.get(target))
    if (found !== undefined) skipped.push(...found.skipped)
    const snapshotCount = manager.store.snapshots.count({ workloadId: id, isDeleted: false })
    return { id, name, projectId, userId, target, snapshotCount, ownership: found?.ownership ?? 'unknown' }
  })
  const unreadTargets = [...used].flatMap((name) => {
    const state = states.find(({ target }) => target.name === name)
    if (state === undefined) return [{ name, problem: 'is not a backup target of this site' }]
    return state.problem === undefined ? [] : [{ name, problem: state.problem }]
  })
  return { workloads, skipped, unreadTargets }
}

type Records = Pick<FoundSnapshots, 'ownership' | 'skipped'>

function recordsOf(row: KnownWorkload, target: BackupTarget | undefined): Records | undefined {
  if (target === undefined) return undefined
  try {
    const found = workloadOn(target, row.id)
    if ('message' in found) return { ownership: 'unknown', skipped: [found] }
    const { ownership, skipped } = snapshotsOf(found)
    return { ownership: isSameOwner(found.owner, row) ? ownership : 'mixed', skipped }
  } catch (error) {
    const path = `${target.mountPath}/workload_${row.id}`
    return { ownership: 'unknown', skipped: [{ path, message: (error as Error).message }] }
  }
}
