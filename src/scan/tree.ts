import { closeSync, constants, type Dirent, fstatSync, openSync, readdirSync, readlinkSync, readSync } from 'node:fs'

/** A regular file that is open for reading, and nothing else. */
interface OpenFile {
  readonly fd: number
  readonly fileBytes: number
  readonly uid: number
  readonly gid: number
}

/** Says before each request to the file system that one more is made: who watches can tell when one gets no answer. */
export type Beat = () => void

const safely = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

/**
 * Reads a tree without changing it: every file is opened read-only, a symbolic link is never followed, and what is not
 * a regular file is never opened. Requests are synchronous, one at a time: a thread of its own makes them, for which an
 * answer of a cached file costs a fraction of what it costs by way of Node's thread pool.
 */
export class Tree {
  /** Relative names are below it. */
  readonly root: string
  readonly #beat: Beat
  /** Not to note the time of access is for the owner and the administrator. */
  #flags = safely | constants.O_NOATIME

  constructor(root: string, beat: Beat) {
    this.root = root
    this.#beat = beat
  }

  /** @throws what `readdir` throws */
  list(folder: string): Dirent[] {
    this.#beat()
    return readdirSync(this.pathOf(folder), { withFileTypes: true })
  }

  /** Where a symbolic link leads, as it says itself. */
  leadsTo(path: string): string | undefined {
    this.#beat()
    try {
      return readlinkSync(this.pathOf(path))
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

  /** Fills `buffer` from `offset` of the file on, as far as there is something; the number of bytes. */
  fill(fd: number, buffer: Uint8Array, offset: number): number {
    let got = 0
    while (got < buffer.length) {
      this.#beat()
      const more = readSync(fd, buffer, got, buffer.length - got, offset + got)
      if (more === 0) break
      got += more
    }
    return got
  }

  pathOf(path: string): string {
    return path === '' ? this.root : `${this.root}/${path}`
  }

  #openFile(path: string): OpenFile {
    const fd = this.#open(this.pathOf(path))
    try {
      this.#beat()
      const stats = fstatSync(fd)
      if (!stats.isFile()) throw new NotAFileError(path)
      return { fd, fileBytes: stats.size, uid: stats.uid, gid: stats.gid }
    } catch (error) {
      closeSync(fd)
      throw error
    }
  }

  #open(path: string): number {
    this.#beat()
    try {
      return openSync(path, this.#flags)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EPERM' || this.#flags === safely) throw error
      this.#flags = safely
      return openSync(path, safely)
    }
  }
}

class NotAFileError extends Error {
  constructor(path: string) {
    super(`not a regular file: ${path}`)
    this.name = 'NotAFileError'
  }
}
