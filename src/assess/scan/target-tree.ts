import { closeSync, constants, type Dirent, fstatSync, openSync, readdirSync, readlinkSync, readSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
import type { Way } from './way.ts'

/** A regular file that is open for reading, and nothing else. */
export interface OpenFile {
  readonly fileBytes: number
  readonly uid: number
  readonly gid: number
  /** Fills `buffer` from `offset` on, as far as there is something; the number of bytes. @throws what `read` throws */
  fill(buffer: Uint8Array, offset: number): number
  /** The same where others may wait for other answers meanwhile. */
  fillAsync(buffer: Uint8Array, offset: number): Promise<number>
}

/** Who watches can tell when a request gets no answer. */
export interface Watch {
  /** Is called before each request to the file system and after it, then with how long it took. */
  beat(isAsking: boolean, tookMs?: number): void
  /** A request has failed only after so long: the share has given up waiting for its server. */
  failedSlowly(tookMs: number): void
}

/**
 * Reads a tree without changing it: every file is opened read-only, a symbolic link is never followed, and what is not
 * a regular file is never opened. Names are relative to its root.
 */
export interface TargetTree {
  readonly root: string
  /** @throws what `open` and `readdir` throw */
  list(folder: string): Dirent[]
  /** Where a symbolic link leads, as it says itself. */
  leadsTo(path: string): string | undefined
  /**
   * Hands an open file to `use`.
   * @throws NotAFileError; what `open` and `use` throw
   */
  withFile<Result>(path: string, use: (file: OpenFile) => Result): Result
  /** The same for what takes more than one turn. */
  withFileAsync<Result>(path: string, use: (file: OpenFile) => Promise<Result>): Promise<Result>
  /**
   * What is in a file, in the fewest requests: it may be in `buffer`, and undefined if it may be more than that takes. A share
   * that fails in the middle may give less.
   * @throws what `open` and `read` throw
   */
  readShort(path: string, buffer: Uint8Array): Uint8Array | undefined
}

/** How files are opened, and folders. Not to note the time of access is for the owner and the administrator. */
export const safely = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
export const unnoted = safely | constants.O_NOATIME
export const isRefused = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'EPERM'

/** A server that is there says no in a moment; soft mounts say so when it was silent for `timeo` and its repetitions. */
const slowFailureMs = 2000
const isFromServer = (error: unknown) =>
  /^E(IO|TIMEDOUT|HOST\w+|NET\w+|CONN\w+)$/.test((error as NodeJS.ErrnoException).code ?? '')

/** Tells of a request that has failed. */
export function tellFailure(watch: Partial<Watch>, error: unknown, askedMs: number): void {
  const tookMs = performance.now() - askedMs
  if (tookMs > slowFailureMs && isFromServer(error)) watch.failedSlowly?.(tookMs)
}

/** Makes a request whose answer this thread waits for. @throws what it throws */
function ask<Answer>(watch: Partial<Watch>, request: () => Answer): Answer {
  watch.beat?.(true)
  const askedMs = performance.now()
  try {
    return request()
  } catch (error) {
    tellFailure(watch, error, askedMs)
    throw error
  } finally {
    watch.beat?.(false, performance.now() - askedMs)
  }
}

/** Fills `buffer` from `offset` of a file on, as far as there is something; the number of bytes. @throws what `read` throws */
export function fill(watch: Partial<Watch>, fd: number, buffer: Uint8Array, offset: number): number {
  let got = 0
  while (got < buffer.length) {
    const from = got
    const more = ask(watch, () => readSync(fd, buffer, from, buffer.length - from, offset + from))
    if (more === 0) break
    got += more
  }
  return got
}

/**
 * A tree of which answers come at once. Requests are synchronous, one at a time: a thread of its own makes them, for which
 * an answer of a cached file costs a fraction of what it costs by way of Node's thread pool.
 */
export class NearTree implements TargetTree {
  readonly #way: Way
  readonly #watch: Partial<Watch>
  #flags = unnoted

  constructor(way: Way, watch: Partial<Watch> = {}) {
    this.#way = way
    this.#watch = watch
  }

  get root(): string {
    return this.#way.root
  }

  list(folder: string): Dirent[] {
    const enter = () => {
      this.#way.enter(folder)
      return readdirSync(this.#way.to(folder), { withFileTypes: true })
    }
    return this.#reach(folder, () => this.#ask(enter))
  }

  leadsTo(path: string): string | undefined {
    try {
      return this.#ask(() => readlinkSync(this.#way.to(path)))
    } catch {
      return undefined
    }
  }

  withFile<Result>(path: string, use: (file: OpenFile) => Result): Result {
    const fd = this.#reach(path, () => this.#open(this.#way.to(path)))
    try {
      return use(this.#file(path, fd))
    } finally {
      closeSync(fd)
    }
  }

  async withFileAsync<Result>(path: string, use: (file: OpenFile) => Promise<Result>): Promise<Result> {
    const fd = this.#reach(path, () => this.#open(this.#way.to(path)))
    try {
      return await use(this.#file(path, fd))
    } finally {
      closeSync(fd)
    }
  }

  readShort(path: string, buffer: Uint8Array): Uint8Array | undefined {
    const fd = this.#reach(path, () => this.#open(this.#way.to(path)))
    try {
      const got = this.#ask(() => readSync(fd, buffer, 0, buffer.length, 0))
      return got < buffer.length ? buffer.subarray(0, got) : undefined
    } finally {
      closeSync(fd)
    }
  }

  #file(path: string, fd: number): OpenFile {
    const stats = this.#ask(() => fstatSync(fd))
    if (!stats.isFile()) throw new NotAFileError(path)
    const fillNow = (buffer: Uint8Array, offset: number) => fill(this.#watch, fd, buffer, offset)
    const { size, uid, gid } = stats
    return { fileBytes: size, uid, gid, fill: fillNow, fillAsync: async (...to) => fillNow(...to) }
  }

  #open(path: string): number {
    try {
      return this.#ask(() => openSync(path, this.#flags))
    } catch (error) {
      if (!isRefused(error) || this.#flags === safely) throw error
      this.#flags = safely
      return this.#ask(() => openSync(path, safely))
    }
  }

  #reach<Answer>(path: string, act: () => Answer): Answer {
    try {
      return act()
    } catch (error) {
      throw named(error, this.#way.pathOf(path))
    }
  }

  #ask<Answer>(request: () => Answer): Answer {
    return ask(this.#watch, request)
  }
}

/** An error that names what cannot be reached as a person would. */
export function named(error: unknown, path: string): unknown {
  if (error instanceof Error) error.message = error.message.replace(/'.*'$/s, `'${path}'`)
  return error
}

export class NotAFileError extends Error {
  constructor(path: string) {
    super(`not a regular file: ${path}`)
    this.name = 'NotAFileError'
  }
}
