import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { MachineError } from '../src/errors.ts'
import { Database } from '../src/verify/queue/database.ts'
import { PostgresServer } from '../src/verify/queue/postgres.fixture.ts'
import { command } from './package.ts'

/** A database, and commands that verify a target through it. */
export class QueuedVerification implements AsyncDisposable {
  readonly #server: PostgresServer
  readonly #target: string
  readonly #signal: AbortSignal

  private constructor(server: PostgresServer, target: string, signal: AbortSignal) {
    this.#server = server
    this.#target = target
    this.#signal = signal
  }

  /** Starts Debian's PostgreSQL. */
  static async start(target: string, signal: AbortSignal): Promise<QueuedVerification> {
    return new QueuedVerification(await PostgresServer.start(), target, signal)
  }

  get url(): string {
    return this.#server.url
  }

  /** Removes all that earlier verifications left in the database. */
  async forget(): Promise<void> {
    await using database = await Database.open(this.url, () => {})
    for (const schema of ['dr_drill', 'dr_drill_jobs']) await database.query(`drop schema if exists ${schema} cascade`)
  }

  /** Starts a command with the target and the queue. @param core the only processor that it may use; undefined for all */
  spawn(name: 'verify' | 'worker', core?: number): ChildProcess {
    const argv = [process.execPath, command, name, this.#target, '--queue', this.url]
    const [program = '', ...args] = core === undefined ? argv : ['taskset', '-c', `${core}`, ...argv]
    return spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  }

  /**
   * Returns the duration of a verification and of its workers, in milliseconds.
   * @param cores one for each worker; undefined for a worker on all of them
   */
  async time(cores: readonly (number | undefined)[], disks: number): Promise<number> {
    await this.forget()
    const startedMs = performance.now()
    const workers = cores.map((core) => this.spawn('worker', core))
    for (const worker of workers) worker.stderr?.resume()
    try {
      checkDisks(await outputOf(this.spawn('verify'), this.#signal), disks)
      return performance.now() - startedMs
    } finally {
      await Promise.all(workers.map(stop))
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]()
  }
}

/** Returns what a command prints. It is ended when the benchmark is interrupted. */
export async function outputOf(child: ChildProcess, signal: AbortSignal): Promise<string> {
  const end = () => child.kill('SIGINT')
  signal.addEventListener('abort', end)
  try {
    const closed = once(child, 'close')
    let text = ''
    child.stdout?.on('data', (bytes: Buffer) => {
      text += bytes
    })
    child.stderr?.resume()
    await closed
    signal.throwIfAborted()
    return text
  } finally {
    signal.removeEventListener('abort', end)
  }
}

export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill('SIGINT')
  await exit
}

/** @throws MachineError unless so many disks were read: fewer would be too fast */
export function checkDisks(output: string, disks: number): void {
  if (!output.includes(`${disks} disks were read`))
    throw new MachineError('bench-queue', `not ${disks} disks were read:\n${output}`)
}
