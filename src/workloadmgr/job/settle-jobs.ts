import { setTimeout as delay } from 'node:timers/promises'
import { InputError } from '../../errors.ts'
import { parseIdentity, thisProcess } from '../../localhost/process-identity.ts'
import type { JobRow } from '../store/state-schema.ts'
import type { StateStore } from '../store/state-store.ts'
import { interruptedText, isWorkerGone } from './job-worker.ts'

/**
 * Gives jobs their final status whose process is gone: `cancelled` if that was requested, otherwise `error`. Every command
 * calls this first. Returns these jobs, for rows that depend on them.
 */
export async function settleJobs(store: StateStore): Promise<readonly JobRow[]> {
  const settled: JobRow[] = []
  for (const job of store.jobs.list({ status: 'executing' })) {
    if (!(await isWorkerGone(job))) continue
    const { id, worker } = job
    const changes = {
      ...(job.isCancelRequested ? { status: 'cancelled' } : { status: 'error', errorText: interruptedText }),
      finishedAt: new Date().toISOString(),
    }
    // Another worker may have begun, or this one may have finished, since the row was read.
    if (store.jobs.change({ id, status: 'executing', worker }, changes) === 0) continue
    settled.push(store.jobs.find({ id }) ?? job)
  }
  return settled
}

const pollMs = 50

/**
 * Waits until a job has its final status. Returns its row, which is still `executing` after the deadline.
 * @throws InputError for an unknown job; the reason of `signal`
 */
export async function waitForJob(
  store: StateStore,
  id: string,
  { deadlineMs, signal }: { readonly deadlineMs: number; readonly signal?: AbortSignal },
): Promise<JobRow> {
  const end = performance.now() + deadlineMs
  for (;;) {
    signal?.throwIfAborted()
    const job = findJob(store, id)
    if (job.status !== 'executing') return job
    if (await isWorkerGone(job)) await settleJobs(store)
    else if (performance.now() >= end) return job
    else await delay(pollMs)
  }
}

/**
 * Asks the process of a job to end, and kills it if it does not. Returns the row, which is `available` or `error` if the
 * job finished first.
 * @throws InputError for an unknown job, and for one with a final status
 */
export async function cancelJob(store: StateStore, id: string, graceMs = 10_000): Promise<JobRow> {
  await settleJobs(store)
  const { status } = findJob(store, id)
  if (store.jobs.change({ id, status: 'executing' }, { isCancelRequested: true }) === 0)
    throw new InputError(`job ${id} cannot be cancelled: its status is ${status}`)
  await signalWorker(findJob(store, id), 'SIGTERM')
  const job = await waitForJob(store, id, { deadlineMs: graceMs })
  if (job.status !== 'executing') return job
  await signalWorker(job, 'SIGKILL')
  return waitForJob(store, id, { deadlineMs: graceMs })
}

/** The row of a job. @throws InputError for an unknown one */
export function findJob(store: StateStore, id: string): JobRow {
  const job = store.jobs.find({ id })
  if (job === undefined) throw new InputError(`job ${id} does not exist`)
  return job
}

async function signalWorker(job: JobRow, signal: NodeJS.Signals): Promise<void> {
  const worker = parseIdentity(JSON.stringify(job.worker))
  const { pidNamespace } = await thisProcess()
  // Its number would mean another process here.
  const isElsewhere = worker?.pidNamespace !== undefined && worker.pidNamespace !== pidNamespace
  if (worker === undefined || isElsewhere || (await isWorkerGone(job))) return
  try {
    process.kill(worker.pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
