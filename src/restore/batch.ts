import { readFileSync } from 'node:fs'
import { program } from '../image/program.ts'
import type { Attempt } from '../reason/evidence.ts'
import { Lines } from '../shell/lines.ts'
import { python } from '../shell/python.ts'
import { type CommandResult, type Shell, succeeded, type User } from '../shell/shell.ts'

const runQemu = readFileSync(new URL('./run_qemu.py', import.meta.url), 'utf8')

/** One call of qemu-img. */
export interface Job {
  readonly id: string
  readonly argv: readonly string[]
  /** The raw disk that it makes: it is digested and removed. */
  readonly disk?: string
  /** By the ids that it has for them. They are handed to it in memory. */
  readonly secrets?: ReadonlyMap<string, Uint8Array>
}

export interface BatchOptions {
  readonly part: Attempt['part']
  readonly user: User
  /** No progress for so long, and the batch is stopped. */
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
 * Runs jobs one after another in one process on a node, as the product's user. Every job has an outcome: after one
 * that stalls, the rest are not tried, since what they would read does not answer.
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
  let result: CommandResult | undefined
  const progress = new Lines((line) => 'exitCode' in JSON.parse(line) && onDone?.())
  try {
    result = await shell.try(python, {
      stdin: program({ run_qemu: runQemu }, { jobs: jobs.map(written) }),
      user,
      stallMs,
      deadlineMs: 24 * 3600_000,
      captureBytes: 64 * 2 ** 20,
      onOutput: (chunk, stream) => stream === 'stdout' && progress.add(chunk),
      ...(signal === undefined ? {} : { signal }),
    })
  } finally {
    // A program that was stopped has not removed the disk that it was reading out.
    if (result?.ended !== 'exited') await removeDisks(shell, jobs, user)
  }
  // Killed by somebody else (no memory left …) it proves nothing about what it read.
  if (result.ended === 'signalled' || result.ended === 'exited') succeeded(result)
  const lines = read(result)
  return new Map(
    jobs.map(({ id }): [string, JobOutcome] => {
      const done = lines.find((line) => line.id === id && line.exitCode !== undefined)
      const began = lines.some((line) => line.id === id && line.began === true)
      if (done === undefined) {
        const ended = began ? 'stalled' : 'not tried'
        return [id, { attempt: { part, where: shell.where, ended, exitCode: null, stderr: '' } }]
      }
      const { exitCode = null, stderr = '', digest } = done
      const attempt: Attempt = { part, where: shell.where, ended: 'exited', exitCode, stderr }
      return [id, digest === undefined ? { attempt } : { attempt, digest }]
    }),
  )
}

function written({ secrets, ...job }: Job): object {
  if (secrets === undefined || secrets.size === 0) return job
  return {
    ...job,
    secrets: Object.fromEntries([...secrets].map(([id, payload]) => [id, Buffer.from(payload).toString('base64')])),
  }
}

interface Line {
  readonly id: string
  readonly began?: boolean
  readonly exitCode?: number
  readonly stderr?: string
  readonly digest?: string
}

function read({ stdout }: CommandResult): readonly Line[] {
  // A batch that was stopped may have been in the middle of a line.
  const lines = stdout.split('\n').slice(0, -1)
  return lines.map((line) => JSON.parse(line) as Line)
}

/** Best effort: a node that does not answer keeps what it has, and its restore has failed in any case. */
async function removeDisks(shell: Shell, jobs: readonly Job[], user: User): Promise<void> {
  const disks = jobs.flatMap(({ disk }) => (disk === undefined ? [] : [disk]))
  if (disks.length === 0) return
  await shell.try(['rm', '-f', '--', ...disks], { user, deadlineMs: 5_000 }).catch(() => {})
}
