import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { MachineError } from '../../errors.ts'
import { makeFolders } from '../../localhost/make-folders.ts'
import { identifyProcess, type ProcessIdentity, thisProcess } from '../../localhost/process-identity.ts'
import type { JobRow } from '../store/state-schema.ts'
import type { StateStore } from '../store/state-store.ts'
import { doJob, type JobWork } from './job-worker.ts'

/** The work of a new job, and the project and user that request it. */
export interface JobRequest {
  readonly kind: string
  /** JSON. */
  readonly arguments: unknown
  readonly projectId?: string
  readonly userId?: string
}

export interface StartOptions {
  /** The folder for the log of the worker. */
  readonly stateDirectory: string
  /** The program and its first arguments. `job-worker ID` is added. Default: this program. */
  readonly program?: readonly string[]
  readonly environment?: NodeJS.ProcessEnv
}

const thisProgram = (): readonly string[] => [process.execPath, ...process.execArgv, process.argv[1] ?? '']

/**
 * Records a job and starts a process for it, which outlives this one. Returns the job's row.
 * @throws MachineError if the process cannot be started; the job is then an error
 */
export async function startJob(
  store: StateStore,
  request: JobRequest,
  { stateDirectory, program = thisProgram(), environment = process.env }: StartOptions,
): Promise<JobRow> {
  const starter = await thisProcess()
  const job = newJob(store, request, starter, false)
  const logs = join(stateDirectory, 'jobs')
  makeFolders(logs, 0o755)
  const log = openSync(join(logs, `${job.id}.log`), 'a', 0o644)
  try {
    const [file = '', ...first] = program
    const child = spawn(file, [...first, 'job-worker', job.id], {
      detached: true,
      cwd: '/',
      env: environment,
      stdio: ['ignore', log, log],
    })
    await once(child, 'spawn')
    child.unref()
    const identity = await identifyProcess(child.pid ?? 0)
    // Until it has begun, the job depends on the process that was started. One that has ended already is found so.
    const worker = { ...starter, ...(identity ?? { pid: child.pid ?? 0, startTime: '0' }) }
    store.jobs.change({ id: job.id, hasBegun: false }, { worker })
    return store.jobs.find({ id: job.id }) ?? job
  } catch (cause) {
    const errorText = `cannot start a worker: ${(cause as Error).message}`
    const finishedAt = new Date().toISOString()
    store.jobs.change({ id: job.id, status: 'executing', hasBegun: false }, { status: 'error', errorText, finishedAt })
    throw new MachineError('job-worker', errorText, { cause })
  } finally {
    closeSync(log)
  }
}

/**
 * Records a job and does its work in this process. Returns the job's row.
 * @throws what `work` throws; the job is then an error
 */
export async function runJobHere(store: StateStore, request: JobRequest, work: JobWork): Promise<JobRow> {
  const worker = await thisProcess()
  return doJob(store, newJob(store, request, worker, true), worker, work)
}

function newJob(store: StateStore, request: JobRequest, worker: ProcessIdentity, hasBegun: boolean): JobRow {
  const { kind, projectId, userId } = request
  const job: JobRow = {
    id: randomUUID(),
    kind,
    arguments: request.arguments,
    status: 'executing',
    progress: 0,
    worker,
    hasBegun,
    isCancelRequested: false,
    ...(projectId !== undefined && { projectId }),
    ...(userId !== undefined && { userId }),
    createdAt: new Date().toISOString(),
  }
  store.jobs.add(job)
  return job
}
