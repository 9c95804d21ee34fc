import { setImmediate } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { InputError } from '../../errors.ts'
import { type ImportOutcome, importWorkloads } from '../import/import-workloads.ts'
import { type RunningJob, reportSometimes } from '../job/job-worker.ts'
import { settleJobs } from '../job/settle-jobs.ts'
import { runJobHere } from '../job/start-job.ts'
import { requireLicense } from '../license.ts'
import type { WorkloadManager } from '../manager.ts'
import { writeLog } from '../manager-log.ts'
import type { JobRow } from '../store/state-schema.ts'
import { takeLeases } from '../target/take-leases.ts'
import { type ChosenWorkloads, chosenWorkloads } from './chosen-workloads.ts'
import { type FailedReassignment, type ReassignedWorkload, reassignWorkload } from './reassign-workload.ts'
import { isForKnownProject, type Reassignment } from './reassignment.ts'

/** The workloads that a reassignment changed, and those that it did not. */
export interface ReassignOutcome {
  readonly reassigned: readonly ReassignedWorkload[]
  readonly failed: readonly FailedReassignment[]
  /** The import of workloads that were not in the database. Undefined if all were. */
  readonly imported?: ImportOutcome
}

const kind = 'reassign'

/** The request of a job, and the workloads that it resolved to, before anything was changed. */
interface ReassignArguments {
  readonly requests: readonly Reassignment[]
  /** For each request. */
  readonly workloadIds: readonly (readonly string[])[]
}

/**
 * Gives workloads to new owners. All requests are checked before anything is changed. A request for an unknown project does
 * nothing. Workloads that are not in the database are imported afterwards.
 *
 * When it is interrupted, calling it again with the same requests finishes it: the workloads of a request are kept with its
 * job, because those that have the new owner already do not match it any more.
 * @throws InputError without a license, or for a request that cannot be fulfilled; MachineError if a target cannot be read,
 * or another job changes it at this moment
 */
export async function reassignWorkloads(
  manager: WorkloadManager,
  requests: readonly Reassignment[],
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<ReassignOutcome> {
  requireLicense(manager)
  await settleJobs(manager.store)
  const people = await manager.identity.readPeople(signal)
  const { trusteeRole } = manager.cloud
  const known = requests.filter((request) => {
    const isKnown = isForKnownProject(request, people, trusteeRole)
    if (!isKnown) writeLog(manager, 'INFO', `nothing is reassigned to unknown project ${request.newProjectId}`)
    return isKnown
  })
  if (known.length === 0) return { reassigned: [], failed: [] }
  const unfinished = unfinishedJobs(manager, known)
  const chosen: ChosenWorkloads[] = []
  for (const [at, request] of known.entries()) {
    const earlier = unfinished.flatMap((job) => unfinishedIds(job, at))
    chosen.push(await chosenWorkloads(manager, request, new Set(earlier), signal))
  }
  refuseTwice(chosen)
  const args: ReassignArguments = {
    requests: known,
    workloadIds: chosen.map(({ workloads }) => workloads.map(({ id }) => id)),
  }
  const { result, id } = await runJobHere(manager.store, { kind, arguments: args }, (job) =>
    carryOutRequests(manager, chosen, job),
  )
  for (const one of unfinished) manager.store.jobs.change({ id: one.id }, { result: { continuedBy: id } })
  return result as ReassignOutcome
}

async function carryOutRequests(
  manager: WorkloadManager,
  chosen: readonly ChosenWorkloads[],
  job: RunningJob,
): Promise<ReassignOutcome> {
  const reassigned: ReassignedWorkload[] = []
  const failed: FailedReassignment[] = []
  const all = chosen.flatMap(({ request, workloads }) => workloads.map((workload) => ({ request, workload })))
  {
    const report = reportSometimes(job)
    const targets = new Set(all.map(({ workload }) => workload.target))
    await using leases = await takeLeases(manager, [...targets], job)
    for (const [at, { request, workload }] of all.entries()) {
      report((90 * at) / all.length, `workload ${workload.id}`)
      await setImmediate()
      job.signal.throwIfAborted()
      const owner = { projectId: request.newProjectId, userId: request.userId }
      const one = await reassignWorkload(manager, workload, owner, () => leases.assertHeld(workload.target))
      if ('error' in one) failed.push(one)
      else reassigned.push(one)
    }
  }
  for (const { id, error } of failed) writeLog(manager, 'WARNING', `workload ${id} was not reassigned: ${error}`)
  const unknown = reassigned.filter(({ id }) => manager.store.workloads.find({ id }) === undefined)
  if (unknown.length === 0) return { reassigned, failed }
  const ids = unknown.map(({ id }) => id)
  return { reassigned, failed, imported: await importWorkloads(manager, ids, job) }
}

/** The jobs with the same requests that were interrupted or failed in part, and that no later job has continued. */
function unfinishedJobs({ store }: WorkloadManager, requests: readonly Reassignment[]): readonly JobRow[] {
  return store.jobs
    .list({ kind })
    .filter((job) => isDeepStrictEqual((job.arguments as ReassignArguments).requests, requests))
    .filter((job) => requests.some((_, at) => unfinishedIds(job, at).length > 0))
}

/** The workloads of one request that a job has not, or not completely, reassigned. */
function unfinishedIds({ status, result, arguments: args }: JobRow, at: number): readonly string[] {
  const ids = (args as ReassignArguments).workloadIds[at] ?? []
  if (status === 'error') return result === undefined ? ids : []
  const { failed = [], imported } = (result ?? {}) as Partial<ReassignOutcome>
  const open = new Set([...failed, ...(imported?.failed ?? [])].map(({ id }) => id))
  return ids.filter((id) => open.has(id))
}

function refuseTwice(chosen: readonly ChosenWorkloads[]): void {
  const seen = new Set<string>()
  for (const { id } of chosen.flatMap(({ workloads }) => workloads)) {
    if (seen.has(id)) throw new InputError(`workload ${id} is in two entries of the reassignment`)
    seen.add(id)
  }
}
