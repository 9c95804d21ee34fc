import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { JournalEntry } from '../../journal/journal.ts'
import { readJournal } from '../../journal/journal-file.ts'
import { runVariable } from '../../lab/engine/engine.ts'
import { makeFolder } from '../reports-folder.ts'
import { type Order, type Word, workerVariable } from './message.ts'
import type { Unit } from './units.ts'

export interface WorkerProcessOptions {
  readonly run: string
  /** 1, 2, 3 … */
  readonly number: number
  /** Of the run. */
  readonly directory: string
  readonly onWord: (word: Word) => void
  /** A line that a step of the user's has printed. */
  readonly onOutput: (line: string) => void
}

/** A worker, as the process that started it sees it: the same program once more, told what to do over a channel. */
export class WorkerProcess {
  readonly number: number
  /** `reports/<run id>/workers/<number>`: its journal and its boot logs. */
  readonly directory: string
  /** How it ended, for a person. */
  readonly ended: Promise<string>
  /** What it is at, if it is at something. */
  unit: Unit | undefined
  /** Scenarios of that unit that have begun. */
  readonly begun = new Set<string>()
  isIdle = false
  readonly #child: ChildProcess

  constructor({ run, number, directory, onWord, onOutput }: WorkerProcessOptions) {
    this.number = number
    this.directory = makeFolder(join(directory, 'workers'), String(number))
    // In our process group: what ends us all at once ends it too.
    this.#child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
      env: { ...process.env, [workerVariable]: '1', [runVariable]: run },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    for (const stream of [this.#child.stdout, this.#child.stderr])
      if (stream !== null) createInterface({ input: stream }).on('line', onOutput)
    this.#child.on('message', (word: Word) => onWord(word))
    const { promise, resolve } = Promise.withResolvers<string>()
    this.ended = promise
    const name = `worker ${number} (process ${this.#child.pid ?? '?'})`
    this.#child.on('error', (error) => {
      // Any other error is of something that was to be done to it; its exit is what counts.
      if (this.#child.pid === undefined) resolve(`${name} could not be started: ${error.message}`)
    })
    this.#child.on('exit', (code, signal) =>
      resolve(signal === null ? `${name} ended with exit code ${code}` : `${name} was ended by ${signal}`),
    )
  }

  tell(order: Order): void {
    // One that has gone is found out about by its exit.
    if (this.#child.connected) this.#child.send(order, () => {})
  }

  /** Its journal as far as it was written. */
  entries(): readonly JournalEntry[] {
    const path = join(this.directory, 'journal.ndjson')
    return existsSync(path) ? readJournal(path).entries : []
  }

  /** At once, and without cleaning up: its guests notice it and end by themselves. */
  kill(): void {
    this.#child.kill('SIGKILL')
  }
}
