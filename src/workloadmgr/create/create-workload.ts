import { randomBytes, randomUUID } from 'node:crypto'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { workloadRecords } from '../../backup/records.ts'
import { InputError, MachineError } from '../../errors.ts'
import { uuidFrom, workloadFolder } from '../../target/layout.ts'
import { runJobHere } from '../job/start-job.ts'
import { requireLicense } from '../license.ts'
import type { WorkloadManager } from '../manager.ts'
import type { BackupTarget } from '../manager-config.ts'
import type { KnownWorkload } from '../store/state-schema.ts'
import { checkTarget } from '../target/check-target.ts'
import { takeLeases } from '../target/take-leases.ts'

/** A workload that a user creates. */
export interface NewWorkload {
  readonly name: string
  readonly userId: string
  readonly projectId: string
  /** Ids of instances. */
  readonly instances: readonly string[]
  /** The name of a target type. Default: the default target. It cannot be changed later. */
  readonly target?: string
  /** How many snapshots are kept, which are only taken on request. Undefined for a daily schedule. */
  readonly manualRetention?: number
}

/**
 * Creates a workload: its records on the target, all at once, and then its entry in the database. Assumption: the product
 * writes the records with the first snapshot. The names of instances are unknown without a compute service, so that their
 * ids are their names.
 * @throws InputError without a license, for an instance that has a workload, or an unknown target type; MachineError if the
 * target cannot be written
 */
export async function createWorkload(manager: WorkloadManager, asked: NewWorkload): Promise<KnownWorkload> {
  requireLicense(manager)
  const { store, config } = manager
  const ids = refuseTaken(manager, asked.instances)
  const target = targetOf(manager, asked.target)
  const { status, problem } = await checkTarget(target)
  if (status === 'offline')
    throw new MachineError('target-offline', `backup target ${target.name} is offline: ${problem}`)
  const id = randomUUID()
  const schedule = scheduleText(asked.manualRetention)
  const instances = ids.map((one) => ({ id: one, name: one }))
  const typeId = uuidFrom('workload type')
  const { name, userId, projectId } = asked
  const about = { id, name, userId, projectId, typeId, productVersion: config.version, vms: instances }
  const files = workloadRecords({ ...about, share: target.share })
  const folder = join(target.mountPath, workloadFolder(id))
  await runJobHere(store, { kind: 'create', arguments: { id }, projectId, userId }, async (job) => {
    await using leases = await takeLeases(manager, [target], job)
    leases.assertHeld(target)
    const texts = files.map(({ path, content }) => [path.slice(workloadFolder(id).length + 1), content] as const)
    await writeFolder(
      folder,
      texts.map(([file, text]) => [file, file === 'workload_db' ? withSchedule(text, schedule) : text]),
    )
  })
  const isScheduled = asked.manualRetention === undefined
  const workload: KnownWorkload = {
    ...{ id, projectId, userId, name, typeId, status: 'available', schedule, isScheduled, target: target.name },
    ...{ isDeleted: false, isEncrypted: false, productVersion: config.version, createdAt: new Date().toISOString() },
  }
  store.transaction(() => {
    store.workloads.add(workload)
    for (const one of instances) store.instances.add({ ...one, workloadId: id })
  })
  return workload
}

/** An instance belongs to one workload. @throws InputError for one that has a workload, and without any */
function refuseTaken({ store }: WorkloadManager, instances: readonly string[]): readonly string[] {
  const ids = [...new Set(instances)]
  if (ids.length === 0) throw new InputError('a workload needs an instance', { remedy: 'Pass --instance ID.' })
  for (const id of ids)
    for (const { workloadId } of store.instances.list({ id }))
      if (store.workloads.find({ id: workloadId, isDeleted: false }) !== undefined)
        throw new InputError(`instance ${id} belongs to workload ${workloadId}`)
  return ids
}

function targetOf({ targets }: WorkloadManager, name: string | undefined): BackupTarget {
  const found = targets.find((one) => (name === undefined ? one.isDefault : one.name === name))
  if (found !== undefined) return found
  const known = targets.map((one) => one.name).join(', ')
  throw new InputError(`unknown backup target type ${JSON.stringify(name ?? 'default')} (known: ${known || 'none'})`)
}

function scheduleText(manualRetention: number | undefined): string {
  const daily = "'interval': '24hrs', 'fullbackup_interval': '-1'"
  return manualRetention === undefined
    ? `{'enabled': True, ${daily}}`
    : `{'enabled': False, ${daily}, 'manual': {'retention': '${manualRetention}'}}`
}

function withSchedule(record: string, jobschedule: string): string {
  return JSON.stringify({ ...(JSON.parse(record) as object), jobschedule })
}

/** Writes a folder under another name first: it exists completely, or not at all, also after a power cut. */
async function writeFolder(
  folder: string,
  files: readonly (readonly [name: string, content: string])[],
): Promise<void> {
  const half = `${folder}.workloadmgr-${randomBytes(6).toString('hex')}`
  await mkdir(half, { mode: 0o755 })
  try {
    for (const [name, content] of files) {
      await using file = await open(join(half, name), 'wx', 0o644)
      await file.writeFile(content)
      await file.sync()
    }
    await rename(half, folder)
    await using parent = await open(join(folder, '..'))
    await parent.sync()
  } catch (error) {
    await rm(half, { recursive: true, force: true })
    throw error
  }
}
