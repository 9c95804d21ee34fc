import { closeSync, constants, type Dirent, fstatSync, openSync, readdirSync, readlinkSync, readSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
import type { Way } from './way.ts'

/** A regular file that is open for reading, and nothing else. */
export interface OpenFile {
  readonly fd: number
  readonly fileBytes: number
  readonly uid: number
  readonly gid: number
}

/**
 * Is called before each request to the file system and after it, then with how long it took: who watches can tell when one
 * gets no answer.
 */
export type Beat = (isAsking: boolean, tookMs?: number) => void

/** A server that is there says no in a moment; soft mounts say so when it was silent for `timeo` and its repetitions. */
const slowFailureMs = 2000
const isFromServer = (error: unknown) =>
  /^E(IO|TIMEDOUT|HOST\w+|NET\w+|CONN\w+)$/.test((error as NodeJS.ErrnoException).code ?? '')
const safely = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

/**
 * Reads a tree without changing it: every file is opened read-only, a symbolic link is never followed, and what is not
 * a regular file is never opened. Requests are synchronous, one at a time: a thread of its own makes them, for which an
 * answer of a cached file costs a fraction of what it costs by way of Node's thread pool.
 */
export class Tree {
  readonly #way: Way
  readonly #beat: Beat
  readonly #onSlowFailure: () => void
  /** Not to note the time of access is for the owner and the administrator. */
  #flags = safely | constants.O_NOATIME

  /** @param onSlowFailure a request has failed only after seconds: the share has given up waiting for its server */
  constructor(way: Way, beat: Beat, onSlowFailure: () => void = () => {}) {
    this.#way = way
    this.#beat = beat
    this.#onSlowFailure = onSlowFailure
  }

  /** Relative names are below it. */
  get root(): string {
    return this.#way.root
  }

  /** @throws what `open` and `readdir` throw */
  list(folder: string): Dirent[] {
    const enter = () => {
      this.#way.enter(folder)
      return readdirSync(this.#way.to(folder), { withFileTypes: true })
    }
    return this.#reach(folder, () => this.#ask(enter))
  }

  /** Where a symbolic link leads, as it says itself. */
  leadsTo(path: string): string | undefined {
    try {
      return this.#ask(() => readlinkSync(this.#way.to(path)))
    } catch {
      return undefined
    }
  }

  /**
   * Hands an open file to `use`.
   * @throws NotAFileError; what `open` and `use` throw
   */
  withFile<Result>(path: string, use: (file: OpenFile) => Result): Result {
    const file = this.#openFile(path)
    try {
      return use(file)
    } finally {
      closeSync(file.fd)
    }
  }

  /** The same for what takes more than one turn. */
  async withFileAsync<Result>(path: string, use: (file: OpenFile) => Promise<Result>): Promise<Result> {
    const file = this.#openFile(path)
    try {
      return await use(file)
    } finally {
      closeSync(file.fd)
    }
  }

  /**
   * What is in a file, in the fewest requests: into `buffer`, and undefined if it may be more than that. A share that fails in
   * the middle may give less.
   * @throws what `open` and `read` throw
   */
  readShort(path: string, buffer: Uint8Array): Uint8Array | undefined {
    const fd = this.#reach(path, () => this.#open(this.#way.to(path)))
    try {
      const got = this.#ask(() => readSync(fd, buffer, 0, buffer.length, 0))
      return got < buffer.length ? buffer.subarray(0, got) : undefined
    } finally {
      closeSync(fd)
    }
  }

  /** Fills `buffer` from `offset` of the file on, as far as there is something; the number of bytes. */
  fill(fd: number, buffer: Uint8Array, offset: number): number {
    let got = 0
    while (got < buffer.length) {
      const from = got
      const more = this.#ask(() => readSync(fd, buffer, from, buffer.length - from, offset + from))
      if (more === 0) break
      got += more
    }
    return got
  }

  #openFile(path: string): OpenFile {
    const fd = this.#reach(path, () => this.#open(this.#way.to(path)))
    try {
      const stats = this.#ask(() => fstatSync(fd))
      if (!stats.isFile()) throw new NotAFileError(path)
      return { fd, fileBytes: stats.size, uid: stats.uid, gid: stats.gid }
    } catch (error) {
      closeSync(fd)
      throw error
    }
  }

  #open(path: string): number {
    try {
      return this.#ask(() => openSync(path, this.#flags))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EPERM' || this.#flags === safely) throw error
      this.#flags = safely
      return this.#ask(() => openSync(path, safely))
    }
  }

  /** Errors name what cannot be reached as a person would. */
  #reach<Answer>(path: string, act: () => Answer): Answer {
    try {
      return act()
    } catch (error) {
      if (error instanceof Error) error.message = error.message.replace(/'.*'$/s, `'${this.#way.pathOf(path)}'`)
      throw error
    }
  }

  #ask<Answer>(request: () => Answer): Answer {
    this.#beat(true)
    const askedMs = performance.now()
    try {
      return request()
    } catch (error) {
      if (performance.now() - askedMs > slowFailureMs && isFromServer(error)) this.#onSlowFailure()
      throw error
    } finally {
      this.#beat(false, performance.now() - askedMs)
    }
  }
}

class NotAFileError extends Error {
  constructor(path: string) {
    super(`not a regular file: ${path}`)
    this.name = 'NotAFileError'
  }
}
