import { setImmediate } from 'node:timers/promises'
import { InputError } from '../../errors.ts'
import type { People } from '../../identity/people.ts'
import { idInFolder, workloadFolder } from '../../target/layout.ts'
import { type JobWork, type RunningJob, reportSometimes } from '../job/job-worker.ts'
import { type StartOptions, startJob } from '../job/start-job.ts'
import { knownIssuesOf, stuckImportIssue } from '../known-issues.ts'
import { requireLicense } from '../license.ts'
import type { WorkloadManager } from '../manager.ts'
import { type BackupTarget, defaultFirst } from '../manager-config.ts'
import { writeLog } from '../manager-log.ts'
import { cloudsOn, type WorkloadOnTarget, workloadsOn } from '../records/target-records.ts'
import type { JobRow } from '../store/state-schema.ts'
import { checkTargets } from '../target/check-target.ts'
import { takeLeases } from '../target/take-leases.ts'
import { type ImportedWorkload, importWorkload } from './import-workload.ts'

/** The workloads that an import was asked for, and why some of them were not imported. */
export interface ImportOutcome {
  readonly imported: readonly ImportedWorkload[]
  /** Workloads that need no import. */
  readonly skipped: readonly { readonly id: string; readonly reason: string }[]
  readonly failed: readonly { readonly id: string; readonly error: string }[]
  /** Targets that were not read. Their workloads were not imported. */
  readonly unreadTargets: readonly { readonly name: string; readonly problem: string }[]
}

/** The kind of an import's job. */
export const importKind = 'import'

/** The requested workloads. Undefined for all workloads of this cloud. */
interface ImportArguments {
  readonly workloadIds?: readonly string[]
}

/**
 * Starts an import in a process of its own. Returns its job; the outcome becomes the job's result.
 * @param workloadIds undefined for all workloads of this cloud
 * @throws InputError without a license, or for an id that cannot be one
 */
export async function startImport(
  manager: WorkloadManager,
  workloadIds: readonly string[] | undefined,
  options: Omit<StartOptions, 'stateDirectory'> = {},
): Promise<JobRow> {
  requireLicense(manager)
  refuseOtherIds(workloadIds ?? [])
  const { stateDirectory } = manager.config
  const request = { kind: importKind, arguments: { ...(workloadIds && { workloadIds }) } }
  return startJob(manager.store, request, { ...options, stateDirectory })
}

/** Does the work of an import's job. */
export function importWork(manager: WorkloadManager): JobWork {
  return (job) => importWorkloads(manager, (job.arguments as ImportArguments).workloadIds, job)
}

/**
 * Imports workloads of this cloud. One that cannot be imported costs no other.
 * @throws InputError without a license; MachineError if another job changes a target at this moment
 */
export async function importWorkloads(
  manager: WorkloadManager,
  workloadIds: readonly string[] | undefined,
  job: Pick<RunningJob, 'id' | 'signal' | 'report'>,
): Promise<ImportOutcome> {
  requireLicense(manager)
  refuseOtherIds(workloadIds ?? [])
  const states = await checkTargets(defaultFirst(manager.targets))
  const online = states.filter(({ status }) => status === 'online').map(({ target }) => target)
  const unreadTargets = states.flatMap(({ target, problem }) => (problem ? [{ name: target.name, problem }] : []))
  const outcome = { imported: [], skipped: [], failed: [] } as {
    readonly imported: ImportedWorkload[]
    readonly skipped: { readonly id: string; readonly reason: string }[]
    readonly failed: { readonly id: string; readonly error: string }[]
  }
  const people = await manager.identity.readPeople(job.signal)
  const ids = workloadIds && new Set(workloadIds)
  const found: WorkloadOnTarget[] = []
  for (const target of online) {
    const fail = ({ workloadId = '', path, message }: { workloadId?: string; path: string; message: string }) =>
      outcome.failed.push({ id: workloadId, error: message.includes(path) ? message : `${path}: ${message}` })
    for await (const one of workloadsOn(target, fail, { signal: job.signal, ids })) found.push(one)
  }
  const withWorkloads = online.filter((target) => found.some((one) => one.target === target))
  await using leases = await takeLeases(manager, withWorkloads, job)
  const clouds = new Map(online.map((target) => [target, cloudsOn(target)]))
  const { id: cloudId } = manager.cloud
  const report = reportSometimes(job)
  for (const [at, one] of found.entries()) {
    const { id, target } = one
    report((100 * at) / found.length, `workload ${id}`)
    await setImmediate()
    job.signal.throwIfAborted()
    const reason = reasonToSkip(manager, one)
    const refusal = refusalOf(people, one, cloudId, clouds.get(target) ?? [])
    if (reason !== undefined) outcome.skipped.push({ id, reason })
    else if (refusal !== undefined) outcome.failed.push({ id, error: refusal })
    else {
      if (!target.isDefault && knownIssuesOf(manager.config).importGetsStuck) await getStuck(job)
      try {
        outcome.imported.push(await importWorkload(manager, one, () => leases.assertHeld(target)))
      } catch (error) {
        outcome.failed.push({ id, error: (error as Error).message })
      }
    }
  }
  for (const id of ids ?? []) {
    const isSeen = [...outcome.imported, ...outcome.skipped, ...outcome.failed].some((one) => one.id === id)
    if (isSeen) continue
    // Its target is not read, or its folder is gone: it is known all the same.
    if (manager.store.workloads.find({ id }) !== undefined) outcome.skipped.push({ id, reason: knownReason })
    else outcome.failed.push({ id, error: notFound(id, online, unreadTargets) })
  }
  for (const { id, error } of outcome.failed) writeLog(manager, 'WARNING', `workload ${id} was not imported: ${error}`)
  for (const { path, message } of outcome.imported.flatMap(({ skipped }) => skipped))
    writeLog(manager, 'WARNING', `skipped ${path}: ${message}`)
  return { ...outcome, unreadTargets }
}

function refuseOtherIds(ids: readonly string[]): void {
  const wrong = ids.find((id) => idInFolder('workload', workloadFolder(id)) === undefined)
  if (wrong !== undefined)
    throw new InputError(`${JSON.stringify(wrong)} is not the id of a workload`, {
      remedy: 'List the ids: workloadmgr workload-get-importworkloads-list',
    })
}

const knownReason = 'is already in the database'

function reasonToSkip({ store }: WorkloadManager, { id, target, record }: WorkloadOnTarget): string | undefined {
  const known = store.workloads.find({ id })
  if (known !== undefined)
    return known.target === target.name ? knownReason : `is already in the database, from backup target ${known.target}`
  return record.deleted === true || record.deleted === 1 ? 'is deleted' : undefined
}

/**
 * Why a workload does not belong to this cloud. Its record names no cloud, but each cloud that has used a target has a
 * folder with its settings there.
 */
function refusalOf(
  people: People,
  { owner: { projectId } }: WorkloadOnTarget,
  cloudId: string,
  clouds: readonly string[],
): string | undefined {
  if (projectId === undefined) return 'its record names no project'
  if (people.project(projectId) !== undefined) return undefined
  const missing = `project ${projectId} does not exist in this cloud`
  return clouds.length > 0 && !clouds.includes(cloudId)
    ? `${missing}: the workload belongs to another cloud (${clouds.join(', ')})`
    : missing
}

function notFound(
  id: string,
  online: readonly BackupTarget[],
  unread: readonly { readonly name: string; readonly problem: string }[],
): string {
  const offline = unread.map(({ name, problem }) => `${name} was not read: ${problem}`)
  const where = online.length === 0 ? 'no backup target was read' : `not on ${online.map((one) => one.name).join(', ')}`
  return [`no folder ${workloadFolder(id)}: ${where}`, ...offline].join('; ')
}

async function getStuck({ signal, report }: Pick<RunningJob, 'signal' | 'report'>): Promise<never> {
  report(0, stuckImportIssue)
  const { promise, reject } = Promise.withResolvers<never>()
  // A promise alone keeps no process alive.
  const timer = setInterval(() => {}, 60_000)
  signal.addEventListener('abort', () => reject(signal.reason))
  if (signal.aborted) reject(signal.reason)
  return promise.finally(() => clearInterval(timer))
}
