import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { JournalEntry } from '../../journal/journal.ts'
import { readJournal } from '../../journal/journal-file.ts'
import { runVariable } from '../../lab/engine/engine.ts'
import { killChild } from '../../localhost/kill-child.ts'
import { createReportFolder } from '../reports-folder.ts'
import { type Command, type WorkerMessage, workerVariable } from './messages.ts'
import type { WorkUnit } from './work-units.ts'

export interface WorkerProcessOptions {
  readonly run: string
  /** 1, 2, 3 … */
  readonly number: number
  /** The run's folder. */
  readonly directory: string
  readonly onMessage: (message: WorkerMessage) => void
  /** Receives each line that the user's code prints. */
  readonly onOutput: (line: string) => void
}

/** A worker as its parent sees it: the same program with the same arguments, commanded over an IPC channel. */
export class WorkerProcess {
  readonly number: number
  /** `reports/<run id>/workers/<number>`: its journal and its boot logs. */
  readonly directory: string
  /** Resolves with how the process exited, e.g. `worker 1 (process 4711) exited with code 1`. */
  readonly exited: Promise<string>
  /** The unit that it runs, if any. */
  unit: WorkUnit | undefined
  /** Scenarios of that unit that have started. */
  readonly started = new Set<string>()
  isIdle = false
  readonly #child: ChildProcess

  constructor({ run, number, directory, onMessage, onOutput }: WorkerProcessOptions) {
    this.number = number
    this.directory = createReportFolder(join(directory, 'workers'), String(number))
    // It stays in our process group, so that a signal to the group ends it too.
    this.#child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
      env: { ...process.env, [workerVariable]: '1', [runVariable]: run },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    for (const stream of [this.#child.stdout, this.#child.stderr])
      if (stream !== null) createInterface({ input: stream }).on('line', onOutput)
    this.#child.on('message', (message: WorkerMessage) => onMessage(message))
    const { promise, resolve } = Promise.withResolvers<string>()
    this.exited = promise
    const name = `worker ${number} (process ${this.#child.pid ?? '?'})`
    this.#child.on('error', (error) => {
      // Other errors come from sending to it, and are followed by its exit.
      if (this.#child.pid === undefined) resolve(`${name} could not be started: ${error.message}`)
    })
    this.#child.on('exit', (code, signal) =>
      resolve(signal === null ? `${name} exited with code ${code}` : `${name} was killed by ${signal}`),
    )
  }

  send(command: Command): void {
    // If it has gone, its exit says so.
    if (this.#child.connected) this.#child.send(command, () => {})
  }

  /** Reads its journal from disk, as far as it was written. */
  entries(): readonly JournalEntry[] {
    const path = join(this.directory, 'journal.ndjson')
    return existsSync(path) ? readJournal(path).entries : []
  }

  /** Kills it without cleaning up. Its guests notice and exit by themselves. */
  kill(): void {
    killChild(this.#child, 'SIGKILL')
  }
}
