import {
  closeSync,
  constants,
  type Dirent,
  fstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  type Stats,
} from 'node:fs'
import { performance } from 'node:perf_hooks'
import type { Route } from './route.ts'

/** A regular file that is open for reading, and nothing else. */
export interface OpenFile {
  readonly fileBytes: number
  readonly uid: number
  readonly gid: number
  /** When its content was changed last, in milliseconds since 1970. */
  readonly writtenMs: number
  readonly inode: number
  /** When anything about it was changed last, in milliseconds since 1970. */
  readonly changedMs: number
  /**
   * Fills `buffer` from `offset` on, up to the end of the file. Returns the number of bytes. @throws what `read` throws
   */
  fill(buffer: Uint8Array, offset: number): number
  /** Like `fill`, but does not block other requests. */
  fillAsync(buffer: Uint8Array, offset: number): Promise<number>
}

/** The facts about an open file that are known before it is read. */
export const factsOfFile = ({
  size,
  uid,
  gid,
  mtimeMs,
  ctimeMs,
  ino,
}: Stats): Omit<OpenFile, 'fill' | 'fillAsync'> => ({
  fileBytes: size,
  uid,
  gid,
  writtenMs: mtimeMs,
  inode: ino,
  changedMs: ctimeMs,
})

/** Notices requests without an answer. */
export interface Watch {
  /** Called before each request to the file system, and after it with its duration. */
  beat(isAsking: boolean, tookMs?: number): void
  /** Called when a request failed only after a long time: the client gave up waiting for the server. */
  failedSlowly(tookMs: number): void
}

/**
 * Reads a tree without changing it. Files are opened read-only, symbolic links are never followed, and only regular
 * files are opened. Names are relative to the root.
 */
export interface TargetTree {
  readonly root: string
  /** @throws what `open` and `readdir` throw */
  list(folder: string): Dirent[]
  /** The target of a symbolic link, as the link has it. */
  leadsTo(path: string): string | undefined
  /**
   * Opens a file for `use`.
   * @throws NotAFileError; what `open` and `use` throw
   */
  withFile<Result>(path: string, use: (file: OpenFile) => Result): Result
  /** Like `withFile`, for an asynchronous `use`. */
  withFileAsync<Result>(path: string, use: (file: OpenFile) => Promise<Result>): Promise<Result>
  /**
   * The content of a file, in the fewest requests. May be in `buffer`. Undefined if the file may be longer than that. A
   * share that fails meanwhile may return less.
   * @throws what `open` and `read` throw
   */
  readShort(path: string, buffer: Uint8Array): Uint8Array | undefined
}

/** How files and folders are opened. Only the owner and root may leave the access time unchanged. */
export const safely = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
export const unnoted = safely | constants.O_NOATIME
export const isRefused = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'EPERM'

/** A server that answers refuses at once. A soft mount fails only after `timeo` and its repetitions. */
const slowFailureMs = 2000
const isFromServer = (error: unknown) =>
  /^E(IO|TIMEDOUT|HOST\w+|NET\w+|CONN\w+)$/.test((error as NodeJS.ErrnoException).code ?? '')

/** Reports a request that failed. */
export function reportFailure(watch: Partial<Watch>, error: unknown, askedMs: number): void {
  const tookMs = performance.now() - askedMs
  if (tookMs > slowFailureMs && isFromServer(error)) watch.failedSlowly?.(tookMs)
}

/** Makes a request and blocks this thread until it is answered. @throws what it throws */
function ask<Answer>(watch: Partial<Watch>, request: () => Answer): Answer {
  watch.beat?.(true)
  const askedMs = performance.now()
  try {
    return request()
  } catch (error) {
    reportFailure(watch, error, askedMs)
    throw error
  } finally {
    watch.beat?.(false, performance.now() - askedMs)
  }
}

/** Fills `buffer` from `offset` of a file, up to its end. Returns the number of bytes. @throws what `read` throws */
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
 * A tree with fast answers. Requests are synchronous, one at a time, in a thread of its own: for a cached file this
 * costs a fraction of what Node's thread pool costs.
 */
export class NearTree implements TargetTree {
  readonly #route: Route
  readonly #watch: Partial<Watch>
  #flags = unnoted

  constructor(route: Route, watch: Partial<Watch> = {}) {
    this.#route = route
    this.#watch = watch
  }

  get root(): string {
    return this.#route.root
  }

  list(folder: string): Dirent[] {
    const enter = () => {
      this.#route.enter(folder)
      return readdirSync(this.#route.to(folder), { withFileTypes: true })
    }
    return this.#reach(folder, () => this.#ask(enter))
  }

  leadsTo(path: string): string | undefined {
    try {
      return this.#ask(() => readlinkSync(this.#route.to(path)))
    } catch {
      return undefined
    }
  }

  withFile<Result>(path: string, use: (file: OpenFile) => Result): Result {
    const fd = this.#reach(path, () => this.#open(this.#route.to(path)))
    try {
      return use(this.#file(path, fd))
    } finally {
      closeSync(fd)
    }
  }

  async withFileAsync<Result>(path: string, use: (file: OpenFile) => Promise<Result>): Promise<Result> {
    const fd = this.#reach(path, () => this.#open(this.#route.to(path)))
    try {
      return await use(this.#file(path, fd))
    } finally {
      closeSync(fd)
    }
  }

  readShort(path: string, buffer: Uint8Array): Uint8Array | undefined {
    const fd = this.#reach(path, () => this.#open(this.#route.to(path)))
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
    return { ...factsOfFile(stats), fill: fillNow, fillAsync: async (...to) => fillNow(...to) }
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
      throw named(error, this.#route.pathOf(path))
    }
  }

  #ask<Answer>(request: () => Answer): Answer {
    return ask(this.#watch, request)
  }
}

/** The error with a path that people recognize. */
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
