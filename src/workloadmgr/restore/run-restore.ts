import type { Attempt } from '../../reason/evidence.ts'
import { type ChainTask, type ReadChain, readChains } from '../../restore/read-chains.ts'
import type { Shell } from '../../shell/shell.ts'
import type { RunningJob } from '../job/job-worker.ts'
import type { WorkloadManager } from '../manager.ts'
import type { BackupTarget } from '../manager-config.ts'
import type { RestoredRow, RestoreRow } from '../store/state-schema.ts'
import { findRestore } from './cancel-restore.ts'
import { chooseCompute } from './compute-choice.ts'
import { waitForTurn } from './compute-turn.ts'
import { originPathsOf } from './origin-paths.ts'
import { instancesOfRestore, type PlannedInstance, restoreFolder } from './planned-restore.ts'
import { findSnapshot, refusalsOf } from './request-restore.ts'
import { RequestRefused } from './restore-permission.ts'
import type { RestoreKind } from './restore-plan.ts'
import { openApplianceShell, openComputeShell } from './service-shells.ts'

/** The shells of the product's service that a restore uses. */
interface Shells {
  readonly appliance: Shell
  readonly compute: Shell
}

/** What became of one disk of a restore. It proves nothing about its content. */
export interface RestoredDiskResult extends Omit<ReadChain, 'digest'> {
  readonly vmId: string
  readonly device: string
  readonly imagePath: string
  /** Its file on the compute. Undefined if it was not read out. */
  readonly disk?: string
}

/** The result of a restore, as `restore-show` has it. */
export interface RestoreResult {
  readonly disks: readonly RestoredDiskResult[]
}

/**
 * Does the work of a restore: the appliance sizes the chains, the compute reads them out and keeps the disks. The content is
 * not verified, as in the product.
 * @throws what keeps the restore from being `available`
 */
export async function runRestore(manager: WorkloadManager, job: RunningJob): Promise<void> {
  const { store, config } = manager
  const { restoreId: id } = job.arguments as { readonly restoreId: string }
  const row = findRestore(store, id)
  const compute = chooseCompute(config.computes, new Map(), row.compute)
  await using onAppliance = openApplianceShell(config)
  await using onCompute = openComputeShell(config, compute)
  const shells: Shells = { appliance: onAppliance.shell, compute: onCompute.shell }
  try {
    await requireStillAllowed(manager, row)
    const disks = await readDisks(manager, job, row, shells)
    const failed = disks.find(({ succeeded }) => !succeeded)
    const result: RestoreResult = { disks }
    if (failed !== undefined) {
      store.restores.change({ id }, { result, hasRemains: false })
      throw new Error(`disk ${failed.device}: ${lastLine(failed.attempts)}`)
    }
    await finish(manager, row, shells, result)
  } catch (error) {
    const finishedAt = new Date().toISOString()
    if (job.signal.aborted) {
      await removeRemains(manager, row, shells)
      const status = store.jobs.find({ id: job.id })?.isCancelRequested ? 'cancelled' : 'error'
      const errorText = status === 'error' ? 'interrupted' : undefined
      store.restores.change({ id }, { status, errorText, finishedAt })
    } else store.restores.change({ id }, { status: 'error', errorText: (error as Error).message, finishedAt })
    throw error
  }
}

/** A role can be withdrawn, and a quota used up, while a restore waits for its turn. */
async function requireStillAllowed(manager: WorkloadManager, row: RestoreRow): Promise<void> {
  const found = findSnapshot(manager, row.snapshotId)
  const kind = row.type as RestoreKind
  const refusals = await refusalsOf(manager, row, { ...found, kind, instances: instancesOfRestore(row), id: row.id })
  if (refusals.length > 0) throw new RequestRefused(`the restore of snapshot ${found.snapshot.name}`, refusals)
}

interface DiskTask extends ChainTask {
  readonly vmId: string
  readonly device: string
  readonly imagePath: string
}

async function readDisks(
  manager: WorkloadManager,
  job: RunningJob,
  row: RestoreRow,
  shells: Shells,
): Promise<readonly RestoredDiskResult[]> {
  const { store, config } = manager
  const { target } = findSnapshot(manager, row.snapshotId)
  const report = (progress: number, progressText: string): void => {
    job.report(progress, progressText)
    store.restores.change({ id: row.id }, { progress, progressText })
  }
  const tasks = instancesOfRestore(row).flatMap((instance) => tasksOf(instance, target, row))
  const origins = await Promise.all(tasks.map((task) => originPathsOf(target.mountPath, task.imagePath)))
  report(5, 'sizing the chains on the appliance')
  const read = await readChains(tasks, {
    appliance: shells.appliance,
    node: shells.compute,
    user: config.user,
    roots: [...new Set([...manager.targets.map(({ mountPath }) => mountPath), ...origins.flat()])],
    signal: job.signal,
    beforeReading: async () => {
      report(10, `waiting for ${row.compute}`)
      await waitForTurn(store, row.id, job.signal)
      await requireStillAllowed(manager, row)
      await sweep(manager, row, shells)
      store.restores.change({ id: row.id }, { status: 'executing', hasRemains: true })
      report(20, `reading the data on ${row.compute}`)
    },
  })
  return tasks.map(({ id, vmId, device, imagePath, disk }) => {
    const { digest: _, ...outcome } = read.get(id) ?? { attempts: [], succeeded: false }
    return { vmId, device, imagePath, ...outcome, ...(outcome.succeeded && { disk }) }
  })
}

function tasksOf(instance: PlannedInstance, { mountPath }: BackupTarget, { type }: RestoreRow): readonly DiskTask[] {
  return instance.disks.map(({ device, imagePath, path }) => ({
    id: `${instance.id}/${device}`,
    vmId: instance.id,
    device,
    imagePath,
    path: `${mountPath}/${imagePath}`,
    // In place, the old disk is replaced when all new ones are complete.
    disk: type === 'inplace' ? `${path}.restoring` : path,
    keepsDisk: true,
  }))
}

/** Replaces old disks, and records the instances: from now on they use the quota of their project. */
async function finish(
  { store }: WorkloadManager,
  row: RestoreRow,
  { compute }: Shells,
  result: RestoreResult,
): Promise<void> {
  const { id, workloadId, projectId, type } = row
  const createdAt = new Date().toISOString()
  const disks = result.disks.map((disk) => ({ ...disk, ...(disk.disk && { disk: finalPath(disk.disk) }) }))
  if (type === 'inplace') {
    const moves = result.disks.flatMap(({ disk }) => (disk === undefined ? [] : [disk, finalPath(disk)]))
    const script = 'while [ $# -gt 0 ]; do mv -f -- "$1" "$2"; shift 2; done'
    await compute.run({ script, args: moves })
  }
  store.transaction(() => {
    for (const one of instancesOfRestore(row)) {
      const { instanceId, id: vmId, name, flavor, networks } = one
      store.restored.remove({ id: instanceId })
      const added: RestoredRow = {
        ...{ id: instanceId, vmId, workloadId, projectId, restoreId: id, name, compute: row.compute },
        ...(flavor !== undefined && { flavor }),
        ...{ networks, disks: one.disks, createdAt },
      }
      store.restored.add(added)
    }
    store.restores.change(
      { id },
      {
        status: 'available',
        progress: 100,
        progressText: undefined,
        result: { disks },
        hasRemains: false,
        finishedAt: createdAt,
      },
    )
  })
}

const finalPath = (disk: string): string => disk.replace(/\.restoring$/, '')

/** Removes what earlier restores left on this compute, which were cancelled or interrupted. */
async function sweep(manager: WorkloadManager, row: RestoreRow, shells: Shells): Promise<void> {
  const others = manager.store.restores
    .list({ compute: row.compute, hasRemains: true })
    .filter(({ id, status }) => id !== row.id && (status === 'cancelled' || status === 'error'))
  for (const other of others) await removeRemains(manager, other, shells)
}

async function removeRemains({ store, config }: WorkloadManager, row: RestoreRow, shells: Shells): Promise<void> {
  if (!findRestore(store, row.id).hasRemains) return
  const halves = instancesOfRestore(row).flatMap(({ disks }) => disks.map(({ path }) => `${path}.restoring`))
  const folders = row.type === 'inplace' ? [] : [restoreFolder(config, row.id)]
  await shells.compute.run(['rm', '-rf', '--', ...halves, ...folders])
  store.restores.change({ id: row.id }, { hasRemains: false })
}

function lastLine(attempts: readonly Attempt[]): string {
  const failed = attempts.find(({ ended, exitCode }) => ended !== 'exited' || exitCode !== 0)
  if (failed === undefined) return 'it was not read'
  const what = failed.part === 'sizing' ? 'the size of its chain cannot be read' : 'its data cannot be read'
  const why = failed.refusal?.sentence ?? failed.stderr.trim().split('\n').at(-1)
  return `${what} on ${failed.where}: ${why || failed.ended}`
}
