import { close, type Dirent, fstat, open, read, readdir, readlink, type Stats } from 'node:fs'
import { performance } from 'node:perf_hooks'
import { promisify } from 'node:util'
import type { Semaphore } from '../../concurrency/semaphore.ts'
import { type HeldRoute, onlyFolders } from './route.ts'
import {
  factsOfFile,
  fill,
  isRefused,
  NotAFileError,
  named,
  type OpenFile,
  reportFailure,
  safely,
  type TargetTree,
  unnoted,
  type Watch,
} from './target-tree.ts'

const calls = {
  open: promisify(open),
  list: promisify(readdir),
  leadsTo: promisify(readlink),
  stat: promisify(fstat),
  read: promisify(read),
  close: promisify(close),
}
/** How much of a file is read along with its status. */
const headBytes = 4096
/** Buffers for short files of unknown length, kept for reuse. */
const spaces: Buffer[] = []
/** Thrown instead of an answer that has not arrived. */
const notYet = new Error('the answer has not arrived yet')

type Answer = { readonly value: unknown } | { readonly error: unknown }

/**
 * A tree with slow answers. It requests what is not known yet and throws, so that the caller continues with what does
 * not depend on it. `whole` repeats the reading until everything is known.
 */
export class FarTree implements TargetTree {
  readonly #route: HeldRoute
  readonly #watch: Partial<Watch>
  readonly #slots: Semaphore
  readonly #answers = new Map<string, Answer>()
  readonly #requested = new Map<string, Promise<void>>()
  readonly #looks = new Map<string, Promise<unknown>>()
  #flags = unnoted
  #isShort = false

  /** @param slots limits the requests that are under way at once, in all trees */
  constructor(route: HeldRoute, watch: Partial<Watch>, slots: Semaphore) {
    this.#route = route
    this.#watch = watch
    this.#slots = slots
  }

  get root(): string {
    return this.#route.root
  }

  /** Returns what `look` finds once all its answers are known. @throws what it throws then */
  async whole<Found>(look: (tree: TargetTree) => Found | Promise<Found>): Promise<Found> {
    for (;;) {
      this.#isShort = false
      try {
        const found = await look(this)
        if (!this.#isShort) return found
      } catch (error) {
        if (!this.#isShort) throw error
      }
      await Promise.all(this.#requested.values())
    }
  }

  list(folder: string): Dirent[] {
    return this.#known('entries of', folder, async () => {
      if (this.#route.wants(folder))
        this.#route.hold(folder, await this.#ask(() => calls.open(this.#route.to(folder), onlyFolders)))
      return this.#ask(() => calls.list(this.#route.to(folder), { withFileTypes: true }))
    })
  }

  leadsTo(path: string): string | undefined {
    try {
      return this.#known('target of', path, () => this.#ask(() => calls.leadsTo(this.#route.to(path))))
    } catch {
      return undefined
    }
  }

  withFile<Result>(path: string, use: (file: OpenFile) => Result): Result {
    const { stats, head } = this.#known('head of', path, () =>
      this.#opened(path, async (fd) => ({
        stats: await this.#stats(path, fd),
        head: await this.#read(fd, headBytes, 0),
      })),
    )
    const beyond = (lengthBytes: number, offset: number) =>
      this.#known(`${lengthBytes} bytes from ${offset} on of`, path, () =>
        this.#opened(path, (fd) => this.#read(fd, lengthBytes, offset)),
      )
    return use(openFile(stats, head, beyond))
  }

  /** `use` is called once, and awaits its answers. */
  withFileAsync<Result>(path: string, use: (file: OpenFile) => Promise<Result>): Promise<Result> {
    const known = this.#looks.get(path) as Promise<Result> | undefined
    if (known !== undefined) return known
    const look = this.#opened(path, async (fd) => {
      const [stats, head] = [await this.#stats(path, fd), await this.#read(fd, headBytes, 0)]
      const reads: Promise<Uint8Array>[] = []
      const later = (lengthBytes: number, offset: number) => {
        const read = this.#read(fd, lengthBytes, offset)
        reads.push(read)
        return read
      }
      try {
        return await use(openFile(stats, head, (lengthBytes, offset) => this.#readNow(fd, lengthBytes, offset), later))
      } finally {
        // The file stays open while it is read.
        await Promise.allSettled(reads)
      }
    })
    this.#looks.set(path, look)
    return look
  }

  readShort(path: string, buffer: Uint8Array): Uint8Array | undefined {
    const bytes = this.#known('start of', path, () =>
      this.#opened(path, async (fd) => {
        const spare = spaces.pop()
        const space = spare?.length === buffer.length ? spare : Buffer.allocUnsafeSlow(buffer.length)
        const { bytesRead } = await this.#ask(() => calls.read(fd, space, 0, space.length, 0))
        const start = new Uint8Array(space.subarray(0, bytesRead))
        spaces.push(space)
        return start
      }),
    )
    return bytes.length < buffer.length ? bytes : undefined
  }

  #known<Found>(what: string, path: string, request: () => Promise<Found>): Found {
    const key = `${what} ${path}`
    const answer = this.#answers.get(key)
    if (answer === undefined) {
      this.#isShort = true
      if (!this.#requested.has(key)) this.#requested.set(key, this.#learn(key, path, request))
      throw notYet
    }
    if ('error' in answer) throw answer.error
    return answer.value as Found
  }

  async #learn(key: string, path: string, request: () => Promise<unknown>): Promise<void> {
    try {
      this.#answers.set(key, { value: await request() })
    } catch (error) {
      this.#answers.set(key, { error: named(error, this.#route.pathOf(path)) })
    }
    this.#requested.delete(key)
  }

  async #opened<Found>(path: string, use: (fd: number) => Promise<Found>): Promise<Found> {
    const fd = await this.#open(this.#route.to(path)).catch((error: unknown) => {
      throw named(error, this.#route.pathOf(path))
    })
    try {
      return await use(fd)
    } finally {
      await this.#ask(() => calls.close(fd))
    }
  }

  async #open(path: string): Promise<number> {
    const flags = this.#flags
    try {
      return await this.#ask(() => calls.open(path, flags))
    } catch (error) {
      if (!isRefused(error) || flags === safely) throw error
      this.#flags = safely
      return this.#ask(() => calls.open(path, safely))
    }
  }

  async #stats(path: string, fd: number): Promise<Stats> {
    const stats = await this.#ask(() => calls.stat(fd))
    if (!stats.isFile()) throw new NotAFileError(path)
    return stats
  }

  /** Returns fewer bytes only at the end of the file. */
  async #read(fd: number, lengthBytes: number, offset: number): Promise<Uint8Array> {
    const buffer = Buffer.allocUnsafeSlow(lengthBytes)
    let got = 0
    while (got < lengthBytes) {
      const from = got
      const { bytesRead } = await this.#ask(() => calls.read(fd, buffer, from, lengthBytes - from, offset + from))
      if (bytesRead === 0) break
      got += bytesRead
    }
    return buffer.subarray(0, got)
  }

  #readNow(fd: number, lengthBytes: number, offset: number): Uint8Array {
    const buffer = Buffer.allocUnsafeSlow(lengthBytes)
    return buffer.subarray(0, fill(this.#watch, fd, buffer, offset))
  }

  async #ask<Found>(request: () => Promise<Found>): Promise<Found> {
    using _slot = await this.#slots.acquire()
    this.#watch.beat?.(true)
    const askedMs = performance.now()
    try {
      return await request()
    } catch (error) {
      reportFailure(this.#watch, error, askedMs)
      throw error
    } finally {
      this.#watch.beat?.(false, performance.now() - askedMs)
    }
  }
}

type Read<Found> = (lengthBytes: number, offset: number) => Found

/** A file whose beginning is known. The rest is read on demand. */
function openFile(
  stats: Stats,
  head: Uint8Array,
  beyond: Read<Uint8Array>,
  later: Read<Promise<Uint8Array>> = async (...where) => beyond(...where),
): OpenFile {
  const isInHead = (lengthBytes: number, offset: number) =>
    offset + lengthBytes <= head.length || head.length < headBytes
  const put = (bytes: Uint8Array, buffer: Uint8Array) => {
    buffer.set(bytes)
    return bytes.length
  }
  const inHead = (lengthBytes: number, offset: number) => head.subarray(offset, offset + lengthBytes)
  return {
    ...factsOfFile(stats),
    fill: (buffer, offset) => put((isInHead(buffer.length, offset) ? inHead : beyond)(buffer.length, offset), buffer),
    fillAsync: async (buffer, offset) =>
      put(await (isInHead(buffer.length, offset) ? inHead : later)(buffer.length, offset), buffer),
  }
}
