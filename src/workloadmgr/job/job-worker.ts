import { readlink } from 'node:fs/promises'
import { InputError } from '../../errors.ts'
import { isAlive, type ProcessIdentity, parseIdentity, thisProcess } from '../../localhost/process-identity.ts'
import type { JobRow } from '../store/state-schema.ts'
import type { StateStore } from '../store/state-store.ts'

/** A job, for the code that does its work. */
export interface RunningJob {
  readonly id: string
  /** The arguments of its start, after a round trip through JSON. */
  readonly arguments: unknown
  /** Aborted when the job is cancelled, or its process is asked to end. */
  readonly signal: AbortSignal
  /** Records how much is done. */
  report(percent: number, text?: string): void
}

const reportIntervalMs = 200

/** Returns a function that records progress, but not each step of a loop: a record waits for the disk. */
export function reportSometimes({ report }: Pick<RunningJob, 'report'>): RunningJob['report'] {
  let reportedMs = Number.NEGATIVE_INFINITY
  return (percent, text) => {
    if (performance.now() - reportedMs < reportIntervalMs) return
    report(Math.floor(percent), text)
    reportedMs = performance.now()
  }
}

/** Does the work of one kind of job. Its result, which must be JSON, is kept in the job's row. */
export type JobWork = (job: RunningJob) => Promise<unknown>

/** The error text of a job whose process was killed, or ended with its machine. */
export const interruptedText = 'interrupted'

/**
 * Does the work of a job that `startJob` has recorded, in this process. Returns when the job has its final status.
 * @throws InputError if there is no such job, or another process has begun it
 */
export async function runJobWorker(
  store: StateStore,
  id: string,
  kinds: Readonly<Record<string, JobWork>>,
): Promise<void> {
  const worker = await thisProcess()
  const job = store.transaction(() => {
    const isClaimed = store.jobs.change({ id, status: 'executing', hasBegun: false }, { worker, hasBegun: true }) === 1
    return isClaimed ? store.jobs.find({ id }) : undefined
  })
  if (job === undefined) throw new InputError(`job ${id} does not wait for a worker`)
  const work = kinds[job.kind]
  await doJob(store, job, worker, async (running) => {
    if (work === undefined) throw new InputError(`unknown kind of job ${job.kind}`)
    return work(running)
  })
}

/** Does the work of a claimed job, and records how it ends. */
export async function doJob(store: StateStore, job: JobRow, worker: ProcessIdentity, work: JobWork): Promise<JobRow> {
  const { id } = job
  const ending = new AbortController()
  const abort = () => ending.abort(new Error(interruptedText))
  const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, abort)
  const finish = (changes: Partial<JobRow>) =>
    store.jobs.change({ id, status: 'executing', worker }, { ...changes, finishedAt: new Date().toISOString() })
  try {
    const result = await work({
      id,
      arguments: job.arguments,
      signal: ending.signal,
      report: (progress, progressText) => {
        store.jobs.change({ id, status: 'executing', worker }, { progress, progressText })
      },
    })
    finish({ status: 'available', progress: 100, ...(result !== undefined && { result }) })
  } catch (error) {
    const isCancelled = ending.signal.aborted && store.jobs.find({ id })?.isCancelRequested === true
    const errorText = ending.signal.aborted ? interruptedText : error instanceof Error ? error.message : String(error)
    finish(isCancelled ? { status: 'cancelled' } : { status: 'error', errorText })
    if (!ending.signal.aborted) throw error
  } finally {
    for (const signal of signals) process.off(signal, abort)
  }
  return store.jobs.find({ id }) ?? job
}

/**
 * True if the process that does the work of a job has certainly ended: it is killed, or the machine was started again.
 * The database is on the machine's own disk, so another boot is a later one.
 */
export async function isWorkerGone({ worker }: Pick<JobRow, 'worker'>): Promise<boolean> {
  const identity = parseIdentity(JSON.stringify(worker))
  if (identity === undefined) return true
  const { bootId } = await thisProcess()
  if (identity.bootId !== bootId) return true
  const namespace = await readlink('/proc/self/ns/pid')
  // The number of a process in another namespace means nothing here.
  if ((identity.pidNamespace ?? namespace) !== namespace) return false
  return !(await isAlive(identity))
}
