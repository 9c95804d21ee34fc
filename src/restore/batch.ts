import { readFileSync } from 'node:fs'
import { program, readerModules } from '../image/program.ts'
import type { Attempt, ChainRefusal } from '../reason/evidence.ts'
import { objectStream } from '../shell/host-objects.ts'
import type { LineSplitter } from '../shell/line-splitter.ts'
import { programSucceeded, python } from '../shell/python.ts'
import type { CommandResult, Shell, User } from '../shell/shell.ts'

const runQemu = readFileSync(new URL('./run_qemu.py', import.meta.url), 'utf8')

/** An image that is opened by name, and the directories that the names in its chain may lead to. */
export interface NamedChain {
  readonly image: string
  readonly roots: readonly string[]
  /** Directories that count if they are mount points, or roots by another name. They come from names in images. */
  readonly suggestedRoots?: readonly string[]
}

/** One call of qemu-img. */
export interface Job {
  readonly id: string
  readonly argv: readonly string[]
  /**
   * The image that the command opens by the names in the headers of its chain. The command does not run if these lead out
   * of its directories, to anything but plain files, or to an endless chain. Undefined if it opens no such image.
   */
  readonly chain?: NamedChain
  /** The raw disk that the command makes. It is digested and removed, unless it is kept. */
  readonly disk?: string
  /** True to keep the disk of a successful command, which is not digested. */
  readonly keepsDisk?: boolean
  /** Secrets by the ids that the command uses for them. They are handed over in memory. */
  readonly secrets?: ReadonlyMap<string, Uint8Array>
}

export interface BatchOptions {
  readonly part: Attempt['part']
  readonly user: User
  /** The batch is stopped after so long without progress. */
  readonly stallMs: number
  readonly signal?: AbortSignal
  /** Called after each job. */
  readonly onDone?: () => void
}

export interface JobOutcome {
  readonly attempt: Attempt
  readonly digest?: string
}

/**
 * Runs jobs one after another in one process on a node, as the product's user. Returns an outcome for every job. After
 * a job that stalls, the rest are not tried: what they would read does not answer.
 *
 * @throws ShellError; CommandError when the batch itself cannot run (no Python, no such user …)
 */
export async function runBatch(
  shell: Shell,
  jobs: readonly Job[],
  options: BatchOptions,
): Promise<ReadonlyMap<string, JobOutcome>> {
  const { part, user, stallMs, signal, onDone } = options
  if (jobs.length === 0) return new Map()
  const reports = new Reports(shell.where, new Set(jobs.map(({ id }) => id)), onDone)
  let result: CommandResult | undefined
  try {
    result = await shell.try(python, {
      stdin: program({ ...readerModules, run_qemu: runQemu }, { jobs: jobs.map(serialized) }),
      user,
      stallMs,
      deadlineMs: 24 * 3600_000,
      captureBytes: 4096,
      maxOutputBytes: 4 * 2 ** 30,
      onOutput: (chunk, stream) => stream === 'stdout' && reports.add(chunk),
      ...(signal === undefined ? {} : { signal }),
    })
    reports.end()
  } finally {
    // A program that was stopped has not removed the disk that it was reading out.
    if (result?.ended !== 'exited') {
      const isKept = ({ id, keepsDisk }: Job) => keepsDisk === true && reports.outcomeOf(id).exitCode === 0
      await removeDisks(
        shell,
        jobs.filter((job) => !isKept(job)),
        user,
      )
    }
  }
  // A batch that something else killed (no memory left …), or that floods, proves nothing about what it read.
  if (result.ended !== 'stalled' && result.ended !== 'deadline') programSucceeded(result)
  const { where, mountNamespace } = result
  return new Map(
    jobs.map(({ id }): [string, JobOutcome] => {
      const { digest, command, ...ending } = reports.outcomeOf(id)
      const placed = command && { ...command, ...(mountNamespace === undefined ? {} : { mountNamespace }) }
      const attempt: Attempt = { part, where, ...ending, ...(placed === undefined ? {} : { command: placed }) }
      return [id, digest === undefined ? { attempt } : { attempt, digest }]
    }),
  )
}

function serialized({ secrets, ...job }: Job): object {
  if (secrets === undefined || secrets.size === 0) return job
  return {
    ...job,
    secrets: Object.fromEntries([...secrets].map(([id, payload]) => [id, Buffer.from(payload).toString('base64')])),
  }
}

/** The node's report that a job started. */
interface Start {
  readonly id: string
  readonly argv: readonly string[]
  readonly uid: number
  readonly gid: number
  readonly startedAtMs: number
}

/** The node's report that a job exited. */
interface End {
  readonly id: string
  readonly exitCode: number
  readonly durationMs: number
  readonly stdout: string
  readonly stderr: string
  readonly digest?: string
}

/** The node's report that it did not run a job. */
interface RefusedJob {
  readonly id: string
  readonly refusal: ChainRefusal
}

type ReportedOutcome = Omit<Attempt, 'part' | 'where'> & { readonly digest?: string }

/** What the program on the node reports about its jobs, as it arrives. */
class Reports {
  readonly #lines: LineSplitter
  readonly #starts = new Map<string, Start & { readonly seenMs: number }>()
  readonly #ends = new Map<string, End | RefusedJob>()
  #endedMs = 0

  constructor(where: string, ids: ReadonlySet<string>, onDone: () => void = () => {}) {
    this.#lines = objectStream<Start | End | RefusedJob>(where, { id: 'string' }, (report) => {
      if (!ids.has(report.id)) return
      if ('argv' in report) this.#starts.set(report.id, { ...report, seenMs: performance.now() })
      else {
        this.#ends.set(report.id, report)
        onDone()
      }
    })
  }

  add(chunk: Uint8Array): void {
    this.#lines.add(chunk)
  }

  /** The program has ended, or was stopped in the middle of a line: half a line is no report. */
  end(): void {
    this.#endedMs = performance.now()
  }

  outcomeOf(id: string): ReportedOutcome {
    const [start, end] = [this.#starts.get(id), this.#ends.get(id)]
    const noOutput = { exitCode: null, stdout: '', stderr: '' }
    if (start === undefined) return { ended: 'not tried', ...noOutput }
    if (end !== undefined && 'refusal' in end) return { ended: 'not tried', ...noOutput, refusal: end.refusal }
    const { argv, uid, gid, startedAtMs, seenMs } = start
    const executed = { argv, user: { uid, gid }, startedAt: new Date(startedAtMs).toISOString() }
    // No process is left on the node that could measure a job that was stopped.
    if (end === undefined) {
      const durationMs = Math.round(this.#endedMs - seenMs)
      return { ended: 'stalled', ...noOutput, command: { ...executed, durationMs } }
    }
    const { exitCode, durationMs, stdout, stderr, digest } = end
    const command = { ...executed, durationMs }
    return { ended: 'exited', exitCode, stdout, stderr, command, ...(digest === undefined ? {} : { digest }) }
  }
}

/** Best effort: a node that does not answer keeps its disks, and its restore has failed in any case. */
async function removeDisks(shell: Shell, jobs: readonly Job[], user: User): Promise<void> {
  const disks = jobs.flatMap(({ disk }) => (disk === undefined ? [] : [disk]))
  if (disks.length === 0) return
  await shell.try(['rm', '-f', '--', ...disks], { user, deadlineMs: 5_000 }).catch(() => {})
}
