import { InputError, MachineError } from '../../errors.ts'
import type { WorkloadManager } from '../manager.ts'
import { type BackupTarget, defaultFirst } from '../manager-config.ts'
import { type SkippedRecord, type WorkloadOnTarget, workloadsOn } from '../records/target-records.ts'
import { checkTargets } from '../target/check-target.ts'
import type { Reassignment } from './reassignment.ts'

/** The workloads of a request, by their records on the targets. */
export interface ChosenWorkloads {
  readonly request: Reassignment
  readonly workloads: readonly WorkloadOnTarget[]
}

/**
 * Finds the workloads that a request is about.
 * @param earlier the workloads of the same request in a job that was interrupted
 * @throws InputError for a workload that is not in the database, without `migrateCloud`, or on no target, with it;
 * MachineError if a target that may have them cannot be read
 */
export async function chosenWorkloads(
  manager: WorkloadManager,
  request: Reassignment,
  earlier: ReadonlySet<string>,
  signal?: AbortSignal,
): Promise<ChosenWorkloads> {
  const { oldProjectIds, workloadIds, migrateCloud } = request
  const rows = manager.store.workloads.list({ isDeleted: false })
  const known = new Map(rows.map((row) => [row.id, row]))
  const unknown = workloadIds.filter((id) => !known.has(id))
  if (unknown.length > 0 && !migrateCloud)
    throw new InputError(`not in the database: ${unknown.map((id) => `workload ${id}`).join(', ')}`, {
      remedy: 'Import workloads of this cloud first. Pass --migrate_cloud True for workloads of another cloud.',
    })
  const old = new Set(oldProjectIds)
  const wanted = new Set([...workloadIds, ...earlier])
  for (const { id, projectId } of rows) if (old.has(projectId)) wanted.add(id)
  const searchesStorage = migrateCloud && old.size > 0
  const targets = migrateCloud
    ? defaultFirst(manager.targets)
    : targetsOf(
        manager,
        [...wanted].map((id) => known.get(id)?.target ?? ''),
      )
  const workloads = new Map<string, WorkloadOnTarget>()
  const unread = new Map<string, SkippedRecord>()
  for (const target of await readable(targets)) {
    const skip = (one: SkippedRecord) => unread.set(one.workloadId ?? '', one)
    const ids = searchesStorage ? undefined : wanted
    for await (const one of workloadsOn(target, skip, { signal, ids })) {
      const row = known.get(one.id)
      const isWanted =
        wanted.has(one.id) || (searchesStorage && row === undefined && old.has(one.owner.projectId ?? ''))
      // A workload in the database is the one on its own target.
      const isPlace = row === undefined ? !workloads.has(one.id) : row.target === target.name
      if (isWanted && isPlace) workloads.set(one.id, one)
    }
  }
  for (const id of wanted) {
    if (workloads.has(id)) continue
    const skipped = unread.get(id)
    if (skipped !== undefined)
      throw new InputError(`workload ${id} cannot be read: ${skipped.path}: ${skipped.message}`)
    throw new InputError(`workload ${id} is on no backup target: ${targets.map(({ name }) => name).join(', ')}`)
  }
  return { request, workloads: [...workloads.values()] }
}

function targetsOf({ targets }: WorkloadManager, names: readonly string[]): readonly BackupTarget[] {
  return targets.filter(({ name }) => names.includes(name))
}

/** @throws MachineError if one of them cannot be read: whether it has the workloads is unknown then */
async function readable(targets: readonly BackupTarget[]): Promise<readonly BackupTarget[]> {
  const states = await checkTargets(targets)
  const offline = states.find(({ status }) => status === 'offline')
  if (offline !== undefined)
    throw new MachineError('target-offline', `backup target ${offline.target.name} is offline: ${offline.problem}`)
  return targets
}
