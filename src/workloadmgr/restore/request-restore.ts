import { randomUUID } from 'node:crypto'
import { InputError } from '../../errors.ts'
import { type StartOptions, startJob } from '../job/start-job.ts'
import { acceptedLicense } from '../license.ts'
import type { WorkloadManager } from '../manager.ts'
import type { BackupTarget } from '../manager-config.ts'
import type { KnownSnapshot, KnownWorkload, RestoredRow, RestoreRow } from '../store/state-schema.ts'
import { chooseCompute } from './compute-choice.ts'
import {
  disksOfInstance,
  isUnfinished,
  neededBy,
  type PlannedInstance,
  restoreFolder,
  usedBy,
} from './planned-restore.ts'
import type { RestoreFile } from './restore-file.ts'
import { RequestRefused, type RestoreRefusal, type RestoreRequester, whyNotAllowed } from './restore-permission.ts'
import { planInstances, type RestoreKind, type SavedVm } from './restore-plan.ts'
import { settleRestores } from './settle-restores.ts'
import { readSnapshotContents } from './snapshot-contents.ts'

/** What a user asks to be restored. */
export interface RestoreRequest {
  readonly snapshotId: string
  readonly kind: RestoreKind
  /** The options of a selective restore. */
  readonly file?: RestoreFile
  /** The compute that reads the data. Default: the least busy one. */
  readonly compute?: string
}

/** The kind of the job that restores. */
export const restoreJob = 'restore'

/**
 * Records a restore that a user asks for, and starts it. Nothing is changed if it is refused.
 * @throws RequestRefused with all reasons; InputError for an unknown snapshot or name; MachineError if its records cannot
 *   be read
 */
export async function requestRestore(
  manager: WorkloadManager,
  requester: RestoreRequester,
  request: RestoreRequest,
  start: Partial<StartOptions> = {},
): Promise<RestoreRow> {
  await settleRestores(manager.store)
  const { store, config } = manager
  const { snapshot, workload, target } = findSnapshot(manager, request.snapshotId)
  const place = { target, workloadId: workload.id, snapshotId: snapshot.id }
  const early = await refusalsOf(manager, requester, { kind: request.kind, snapshot, workload, instances: [] })
  if (early.length > 0) throw refused(snapshot, early)
  const vms = planInstances(readSnapshotContents(place), request.kind, manager.cloud, request.file)

  const existing = store.restored.list({ workloadId: workload.id })
  const id = randomUUID()
  const isInPlace = request.kind === 'inplace'
  const compute = isInPlace ? computeInPlace(vms, existing, request) : undefined
  const instances = vms.map((vm) => plannedInstance(vm, restoreFolder(config, id), isInPlace, existing))
  const refusals = [
    ...(await refusalsOf(manager, requester, { kind: request.kind, snapshot, workload, instances: vms })),
    ...presenceRefusals(request.kind, vms, existing),
  ]
  if (refusals.length > 0) throw refused(snapshot, refusals)

  const load = new Map<string, number>()
  for (const row of store.restores.list().filter(isUnfinished)) load.set(row.compute, (load.get(row.compute) ?? 0) + 1)
  const row: RestoreRow = {
    id,
    snapshotId: snapshot.id,
    workloadId: workload.id,
    projectId: requester.projectId,
    userId: requester.userId,
    name: request.file?.name ?? `${request.kind} restore of ${snapshot.name}`,
    type: request.kind,
    status: 'restoring',
    progress: 0,
    compute: chooseCompute(config.computes, load, compute ?? request.compute).name,
    plan: instances,
    hasRemains: false,
    createdAt: new Date().toISOString(),
  }
  store.restores.add(row)
  const { projectId, userId } = requester
  const job = { kind: restoreJob, arguments: { restoreId: id }, projectId, userId }
  try {
    const { id: jobId } = await startJob(store, job, { stateDirectory: config.stateDirectory, ...start })
    store.restores.change({ id }, { jobId })
  } catch (error) {
    store.restores.change({ id }, { status: 'error', errorText: (error as Error).message })
    throw error
  }
  return store.restores.find({ id }) ?? row
}

/** A snapshot that this site knows, with its workload and the target that it is on. @throws InputError */
export function findSnapshot(
  manager: WorkloadManager,
  snapshotId: string,
): { readonly snapshot: KnownSnapshot; readonly workload: KnownWorkload; readonly target: BackupTarget } {
  const snapshot = manager.store.snapshots.find({ id: snapshotId })
  if (snapshot === undefined) throw new InputError(`snapshot ${snapshotId} does not exist`)
  const workload = manager.store.workloads.find({ id: snapshot.workloadId })
  if (workload === undefined) throw new InputError(`workload ${snapshot.workloadId} does not exist`)
  const target = manager.targets.find(({ name }) => name === workload.target)
  if (target === undefined)
    throw new InputError(`workload ${workload.name} is on the backup target ${workload.target}, which does not exist`)
  return { snapshot, workload, target }
}

interface RestoreOfSnapshot {
  readonly kind: RestoreKind
  readonly snapshot: KnownSnapshot
  readonly workload: KnownWorkload
  readonly instances: readonly Pick<SavedVm, 'disks' | 'flavor'>[]
  /** A restore that is recorded already: it does not count as another one. */
  readonly id?: string
}

/** Returns every reason against a restore at this moment: roles can be withdrawn at any time. */
export async function refusalsOf(
  manager: WorkloadManager,
  requester: RestoreRequester,
  { kind, snapshot, workload, instances, id }: RestoreOfSnapshot,
): Promise<readonly RestoreRefusal[]> {
  const { store } = manager
  const { projectId } = workload
  const { trusteeRole, flavorSizes } = manager.cloud
  const others = store.restores.list({ projectId }).filter((row) => row.id !== id)
  return whyNotAllowed({
    people: await manager.identity.readPeople(),
    requester,
    trusteeRole,
    hasLicense: acceptedLicense(manager) !== undefined,
    workload: {
      name: workload.name,
      projectId,
      status: workload.status,
      ...(workload.isEncrypted && { secretId: workload.secretId ?? 'unknown' }),
    },
    snapshot: { id: snapshot.id, status: snapshot.status, isDeleted: snapshot.isDeleted },
    // The clouds of a lab have no key manager.
    secrets: new Set(),
    used: usedBy(store.restored.list({ projectId }), others, flavorSizes),
    needed: neededBy(kind, instances, flavorSizes),
  })
}

/** A restore in one click makes new instances, and a restore in place overwrites existing ones [doc]. */
function presenceRefusals(
  kind: RestoreKind,
  vms: readonly SavedVm[],
  existing: readonly RestoredRow[],
): readonly RestoreRefusal[] {
  if (kind === 'selective') return []
  return vms.flatMap((vm): readonly RestoreRefusal[] => {
    const has = existing.some(({ vmId }) => vmId === vm.id)
    if (kind === 'oneclick' && has)
      return [{ kind: 'instance exists', sentence: `instance ${vm.name} exists, so it can only be restored in place` }]
    if (kind === 'inplace' && !has)
      return [{ kind: 'instance missing', sentence: `instance ${vm.name} does not exist in this cloud` }]
    return []
  })
}

function computeInPlace(
  vms: readonly SavedVm[],
  existing: readonly RestoredRow[],
  { compute }: RestoreRequest,
): string | undefined {
  const computes = new Set(existing.filter(({ vmId }) => vms.some(({ id }) => id === vmId)).map((row) => row.compute))
  if (computes.size > 1)
    throw new InputError(`the instances are on several computes (${[...computes].join(', ')}): restore one at a time`)
  const [only] = computes
  if (only !== undefined && compute !== undefined && compute !== only)
    throw new InputError(`the instances are on ${only}, and cannot be restored in place on ${compute}`)
  return only
}

function plannedInstance(
  vm: SavedVm,
  folder: string,
  isInPlace: boolean,
  existing: readonly RestoredRow[],
): PlannedInstance {
  const old = isInPlace ? existing.findLast(({ vmId }) => vmId === vm.id) : undefined
  const pathOf = (device: string): string =>
    (old && disksOfInstance(old).find((disk) => disk.device === device)?.path) ?? `${folder}/${vm.id}-${device}.raw`
  const disks = vm.disks.map((disk) => ({ ...disk, path: pathOf(disk.device) }))
  return { ...vm, instanceId: old?.id ?? randomUUID(), disks }
}

const refused = (snapshot: KnownSnapshot, refusals: readonly RestoreRefusal[]): RequestRefused =>
  new RequestRefused(`the restore of snapshot ${snapshot.name}`, refusals)
