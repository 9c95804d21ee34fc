import { type RecordedDisk, type RecordedVm, snapshotRecords } from '../../backup/records.ts'
import { quoteWord } from '../../shell/quote.ts'
import { snapshotFolder } from '../../target/layout.ts'
import type { RunningJob } from '../job/job-worker.ts'
import type { WorkloadManager } from '../manager.ts'
import type { BackupTarget } from '../manager-config.ts'
import { chooseCompute } from '../restore/compute-choice.ts'
import { disksOfInstance, restoreFolder } from '../restore/planned-restore.ts'
import { RequestRefused } from '../restore/restore-permission.ts'
import type { SavedVm } from '../restore/restore-plan.ts'
import { openComputeShell } from '../restore/service-shells.ts'
import { readSnapshotContents } from '../restore/snapshot-contents.ts'
import type { KnownSnapshot, RestoredRow } from '../store/state-schema.ts'
import { latestOf } from './backup-schedule.ts'
import { findWorkload, snapshotRefusals } from './request-snapshot.ts'
import { type DiskToTake, type TakenDisk, takeDisks } from './take-disks.ts'

/**
 * Does the work of a snapshot: the computes of the instances write its images and records to the target of the workload.
 * @throws what keeps the snapshot from being `available`; its files are then removed as far as possible
 */
export async function runSnapshot(manager: WorkloadManager, job: RunningJob): Promise<void> {
  const { store, config } = manager
  const { snapshotId, isFull } = job.arguments as { readonly snapshotId: string; readonly isFull: boolean }
  const row = store.snapshots.find({ id: snapshotId })
  if (row === undefined) throw new Error(`snapshot ${snapshotId} does not exist`)
  const workload = findWorkload(manager, row.workloadId)
  const target = manager.targets.find(({ name }) => name === workload.target)
  try {
    if (target === undefined) throw new Error(`the backup target ${workload.target} does not exist`)
    const requester = { userId: row.userId, projectId: workload.projectId }
    const refusals = await snapshotRefusals(manager, requester, workload)
    if (refusals.length > 0) throw new RequestRefused(`the snapshot of workload ${workload.name}`, refusals)
    const before = isFull ? [] : contentsBefore(manager, row, target)
    const instances = store.restored.list({ workloadId: workload.id })
    const taken: TakenDisk[] = []
    for (const [name, some] of Map.groupBy(instances, ({ compute }) => compute)) {
      job.report(10, `backing up on ${name}`)
      await using on = openComputeShell(config, chooseCompute(config.computes, new Map(), name))
      const options = {
        compute: on.shell,
        user: config.user,
        mountPath: target.mountPath,
        roots: manager.targets.map(({ mountPath }) => mountPath),
        workloadId: workload.id,
        snapshotId,
        workFolder: `${restoreFolder(config, snapshotId)}.work`,
        signal: job.signal,
      }
      try {
        taken.push(
          ...(await takeDisks(
            some.flatMap((one) => disksToTake(one, before)),
            options,
          )),
        )
      } catch (error) {
        const folder = `${target.mountPath}/${snapshotFolder({ workloadId: workload.id, snapshotId })}`
        await on.shell.try(['rm', '-rf', '--', folder]).catch(() => undefined)
        throw error
      }
    }
    await writeRecords(manager, row, target, instances, taken)
  } catch (error) {
    const isCancelled = job.signal.aborted && store.jobs.find({ id: job.id })?.isCancelRequested === true
    const errorText = job.signal.aborted ? 'interrupted' : (error as Error).message
    const ending = isCancelled ? { status: 'cancelled' } : { status: 'error', errorText }
    store.snapshots.change({ id: snapshotId }, { ...ending, finishedAt: new Date().toISOString() })
    throw error
  }
}

/** The VMs of the latest snapshot, as far as its folder exists: without it, the product falls back to a full one. */
function contentsBefore(manager: WorkloadManager, row: KnownSnapshot, target: BackupTarget): readonly SavedVm[] {
  const { id, workloadId } = row
  const last = latestOf(manager.store.snapshots.list({ workloadId }).filter((one) => one.id !== id))
  return last === undefined ? [] : readSnapshotContents({ target, workloadId, snapshotId: last.id })
}

function disksToTake(instance: RestoredRow, before: readonly SavedVm[]): readonly DiskToTake[] {
  const old = before.find(({ id }) => id === instance.vmId)
  return disksOfInstance(instance).map(({ device, path, virtualSizeBytes }) => {
    const last = old?.disks.find((disk) => disk.device === device && disk.virtualSizeBytes === virtualSizeBytes)
    return { vmId: instance.vmId, device, path, virtualSizeBytes, ...(last && { parent: last.imagePath }) }
  })
}

/** The names in this cloud, which are those that a restore of the snapshot needs. */
function recordedVm(instance: RestoredRow): RecordedVm {
  const { vmId: id, name, flavor } = instance
  const [network] = instance.networks as readonly string[]
  const [disk] = disksOfInstance(instance)
  const isKnown = flavor !== undefined && network !== undefined && disk?.volumeType !== undefined
  return { id, name, ...(isKnown && { parts: { flavor, network, volumeType: disk.volumeType } }) }
}

async function writeRecords(
  manager: WorkloadManager,
  row: KnownSnapshot,
  target: BackupTarget,
  instances: readonly RestoredRow[],
  taken: readonly TakenDisk[],
): Promise<void> {
  const { store, config } = manager
  const { id: workloadId, userId, projectId, name } = findWorkload(manager, row.workloadId)
  const vms = new Map(instances.map((one) => [one.vmId, recordedVm(one)]))
  const disks = taken.flatMap(
    ({ vmId, place, parent, sizeBytes, virtualSizeBytes, digest }): readonly RecordedDisk[] => {
      const vm = vms.get(vmId)
      const volumeId = instances.flatMap(disksOfInstance).find(({ device }) => device === place.device)?.volumeId
      if (vm === undefined) return []
      const backing = parent === undefined ? {} : { backingId: parent.slice(parent.lastIndexOf('/') + 1) }
      const type = parent === undefined ? 'full' : 'incremental'
      const images = [{ place, sizeBytes, virtualSizeBytes, digest, ...backing }]
      return [{ vm, type, volumeId: volumeId ?? place.resourceId, virtualSizeBytes, images }]
    },
  )
  const finishedAt = new Date()
  const about = { id: workloadId, name, userId, projectId, typeId: '', productVersion: config.version, vms: [] }
  const records = snapshotRecords(
    { ...about, share: target.share },
    {
      ...{ id: row.id, name: row.name, startedAt: new Date(row.createdAt), finishedAt, disks },
    },
  )
  const [compute] = instances
  await using on = openComputeShell(config, chooseCompute(config.computes, new Map(), compute?.compute))
  const script = records.map(({ path, content }) => `printf %s ${quoteWord(content)} >${quoteWord(path)}`).join('\n')
  await on.shell.run({ script }, { user: config.user, cwd: target.mountPath })
  const types = new Set(disks.map(({ type }) => type))
  store.snapshots.change(
    { id: row.id },
    {
      ...{ status: 'available', type: types.size > 1 ? 'mixed' : ([...types][0] ?? 'full') },
      sizeBytes: taken.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      restoreSizeBytes: taken.reduce((sum, { virtualSizeBytes }) => sum + virtualSizeBytes, 0),
      finishedAt: finishedAt.toISOString(),
    },
  )
}
