import { availableParallelism } from 'node:os'
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { LaneAnswer, LaneRequest } from './lane-message.ts'
import { ReadError } from './read-failure.ts'
import type { Stretch } from './stretches.ts'

type Without<T, K extends keyof never> = T extends unknown ? Omit<T, K> : never

/** Maximum number of threads. Hashing keeps one busy at about 2 GB/s. */
const maxThreads = 4

/** Threads that read and hash, for any number of disks at a time. Idle threads do not keep the process alive. */
export class Lanes {
  readonly #threads: Thread[] = []
  /** The connections of all threads to the server of a disk. */
  readonly count: number

  constructor(count = Math.min(maxThreads, availableParallelism())) {
    this.count = count
  }

  /** Opens one connection per thread to the server behind a socket. */
  async open(socket: string, stallMs: number): Promise<DiskLanes> {
    while (this.#threads.length < this.count) this.#threads.push(new Thread())
    const lanes = new DiskLanes(socket, [...this.#threads])
    try {
      await lanes.open(stallMs)
      return lanes
    } catch (error) {
      lanes[Symbol.dispose]()
      throw error
    }
  }
}

/** The lanes of one disk. */
export class DiskLanes implements Disposable {
  readonly #socket: string
  readonly #threads: readonly Thread[]
  #next = 0

  constructor(socket: string, threads: readonly Thread[]) {
    this.#socket = socket
    this.#threads = threads
  }

  /** How many requests at a time keep all threads busy. */
  get width(): number {
    return this.#threads.length * 2
  }

  async open(stallMs: number): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.ask({ do: 'open', socket: this.#socket, stallMs })))
  }

  /**
   * See `Lane.digest`.
   * @throws ReadError
   */
  digest(stretches: readonly Stretch[]): Promise<Uint8Array> {
    const thread = this.#threads[this.#next++ % this.#threads.length]
    if (thread === undefined) throw new Error('no threads')
    return thread.ask({ do: 'digest', socket: this.#socket, stretches })
  }

  [Symbol.dispose](): void {
    for (const thread of this.#threads) thread.ask({ do: 'close', socket: this.#socket }).catch(() => {})
  }
}

class Thread {
  readonly #worker = new Worker(new URL(`./lane-worker${extname(import.meta.filename)}`, import.meta.url), {
    // The arguments of this process may be for a program that is not a file.
    execArgv: [],
    // What a thread reads is not in its heap. Garbage would fill three times as much.
    resourceLimits: { maxYoungGenerationSizeMb: 6 },
  })
  readonly #asked = new Map<number, { done(records: Uint8Array): void; fail(error: Error): void }>()
  #number = 0
  #failure: ReadError | undefined

  constructor() {
    this.#worker.on('message', (answer: LaneAnswer) => this.#take(answer))
    this.#worker.on('error', (error) => this.#fail(error.message))
    this.#worker.on('exit', (code) => this.#fail(`exit code ${code}`))
    this.#worker.unref()
  }

  async ask(request: Without<LaneRequest, 'number'>): Promise<Uint8Array> {
    if (this.#failure) throw this.#failure
    const number = this.#number++
    return new Promise((done, fail) => {
      if (this.#asked.size === 0) this.#worker.ref()
      this.#asked.set(number, { done, fail })
      this.#worker.postMessage({ ...request, number })
    })
  }

  #take(answer: LaneAnswer): void {
    const asked = this.#asked.get(answer.number)
    this.#asked.delete(answer.number)
    if (this.#asked.size === 0) this.#worker.unref()
    if ('failure' in answer) asked?.fail(new ReadError(answer.failure))
    else asked?.done(answer.records)
  }

  #fail(message: string): void {
    this.#failure ??= new ReadError({ kind: 'other', message: `a reading thread has exited: ${message}` })
    for (const { fail } of this.#asked.values()) fail(this.#failure)
    this.#asked.clear()
  }
}
