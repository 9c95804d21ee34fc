import { randomUUID } from 'node:crypto'
import { InputError } from '../../errors.ts'
import { type StartOptions, startJob } from '../job/start-job.ts'
import { acceptedLicense } from '../license.ts'
import type { WorkloadManager } from '../manager.ts'
import { disksOfInstance, usedBy } from '../restore/planned-restore.ts'
import { noUsage } from '../restore/project-quota.ts'
import {
  RequestRefused,
  type RestoreRefusal,
  type RestoreRequester,
  whyNotAllowed,
} from '../restore/restore-permission.ts'
import type { KnownSnapshot, KnownWorkload } from '../store/state-schema.ts'
import { settleSnapshots } from './settle-snapshots.ts'

/** What a user asks to be backed up. */
export interface SnapshotRequest {
  readonly workloadId: string
  /** True for a full snapshot. Default: incremental, if there is a snapshot before. */
  readonly isFull?: boolean
  readonly name?: string
}

/** The kind of the job that backs up. */
export const snapshotJob = 'snapshot'

/**
 * Records a snapshot that a user asks for, and starts it. Nothing is changed if it is refused.
 * @throws RequestRefused with all reasons; InputError for an unknown workload, and for one without an instance in this cloud
 */
export async function requestSnapshot(
  manager: WorkloadManager,
  requester: RestoreRequester,
  { workloadId, isFull = false, name }: SnapshotRequest,
  start: Partial<StartOptions> = {},
): Promise<KnownSnapshot> {
  const { store, config } = manager
  await settleSnapshots(store)
  const workload = findWorkload(manager, workloadId)
  const refusals = await snapshotRefusals(manager, requester, workload)
  if (refusals.length > 0) throw new RequestRefused(`the snapshot of workload ${workload.name}`, refusals)
  if (store.restored.list({ workloadId }).length === 0)
    throw new InputError(`no instance of workload ${workload.name} exists in this cloud, so nothing can be backed up`, {
      remedy: 'Restore a snapshot of it first.',
    })
  const running = store.snapshots.list({ workloadId, status: 'executing' })[0]
  if (running !== undefined)
    throw new InputError(`workload ${workload.name} is being backed up: snapshot ${running.id} is executing`)
  const row: KnownSnapshot = {
    id: randomUUID(),
    workloadId,
    projectId: workload.projectId,
    userId: requester.userId,
    name: name ?? `${workload.name} ${store.snapshots.list({ workloadId }).length + 1}`,
    type: isFull ? 'full' : 'incremental',
    status: 'executing',
    sizeBytes: 0,
    restoreSizeBytes: 0,
    isDeleted: false,
    isDataDeleted: false,
    isPinned: false,
    createdAt: new Date().toISOString(),
  }
  store.snapshots.add(row)
  const { projectId, userId } = requester
  const job = { kind: snapshotJob, arguments: { snapshotId: row.id, isFull }, projectId, userId }
  try {
    const { id: jobId } = await startJob(store, job, { stateDirectory: config.stateDirectory, ...start })
    store.snapshots.change({ id: row.id }, { jobId })
  } catch (error) {
    store.snapshots.change({ id: row.id }, { status: 'error', errorText: (error as Error).message })
    throw error
  }
  return store.snapshots.find({ id: row.id }) ?? row
}

/** The row of a workload. @throws InputError for an unknown one */
export function findWorkload({ store }: WorkloadManager, id: string): KnownWorkload {
  const workload = store.workloads.find({ id, isDeleted: false })
  if (workload === undefined) throw new InputError(`workload ${id} does not exist`)
  return workload
}

/**
 * Returns every reason against a backup, or against the deletion of one.
 * @param isTaken true for a backup, which needs a spare snapshot for each volume
 */
export async function snapshotRefusals(
  manager: WorkloadManager,
  requester: RestoreRequester,
  { id, name, projectId, status, isEncrypted, secretId = 'unknown' }: KnownWorkload,
  isTaken = true,
): Promise<readonly RestoreRefusal[]> {
  const { store } = manager
  const { trusteeRole, flavorSizes } = manager.cloud
  const volumes = store.restored.list({ workloadId: id }).flatMap((row) => disksOfInstance(row)).length
  return whyNotAllowed({
    people: await manager.identity.readPeople(),
    requester,
    trusteeRole,
    hasLicense: acceptedLicense(manager) !== undefined,
    workload: { name, projectId, status, ...(isEncrypted && { secretId }) },
    secrets: new Set(),
    used: usedBy(store.restored.list({ projectId }), store.restores.list({ projectId }), flavorSizes),
    needed: { ...noUsage, snapshots: isTaken ? volumes : 0 },
  })
}
