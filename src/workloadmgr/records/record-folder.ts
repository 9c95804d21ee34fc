import { randomBytes } from 'node:crypto'
import { closeSync, constants, type Dirent, fstatSync, openSync, readdirSync, readSync, unlinkSync } from 'node:fs'
import { type FileHandle, open, rename, unlink } from 'node:fs/promises'
import { recordBounds, tooLong } from '../../target/record-bounds.ts'

const onlyFolder = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW
const onlyFile = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
const onlyNew = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW

/** For short files, which are parsed at once. A new buffer for each would burden the garbage collector. */
const short = Buffer.allocUnsafeSlow(64 * 2 ** 10)

/** The name of a file that is being written: `.snapshot_db.workloadmgr-0123456789ab`. */
const half = /^\.\w+_db\.workloadmgr-[0-9a-f]{12}$/

/**
 * An open folder of a target. Names are looked up in it, so that nothing that replaces one of its parents by a symbolic
 * link can redirect a change. Links in it are not followed.
 */
export class RecordFolder implements Disposable {
  /** For messages. */
  readonly path: string
  readonly #fd: number

  private constructor(path: string, fd: number) {
    this.path = path
    this.#fd = fd
  }

  /** Opens a mount path, which may be a symbolic link. @throws what `open` throws */
  static atMountPath(path: string): RecordFolder {
    return new RecordFolder(path, openSync(path, onlyFolder & ~constants.O_NOFOLLOW))
  }

  /** @throws what `open` throws, also for a symbolic link */
  static at(path: string): RecordFolder {
    return new RecordFolder(path, openSync(path, onlyFolder))
  }

  /** True for the name of a file that is being written, or was when its process was killed. */
  static isHalf(name: string): boolean {
    return half.test(name)
  }

  /** Opens a folder in this one. @throws as `at` */
  within(name: string): RecordFolder {
    const path = `${this.path}/${name}`
    try {
      return new RecordFolder(path, openSync(this.#to(name), onlyFolder))
    } catch (error) {
      throw withPath(error, path)
    }
  }

  entries(): readonly Dirent[] {
    return readdirSync(this.#to(''), { withFileTypes: true })
  }

  /**
   * Reads a regular file up to the size of a record. The result is valid until the next call.
   * @throws what `open` and `read` throw; RangeError for a longer file; TypeError for anything but a regular file
   */
  read(name: string): Buffer {
    return this.#readShort(name) ?? this.#readLong(name)
  }

  /** Undefined unless the file is short and readable. Most records are; this takes the fewest requests. */
  #readShort(name: string): Buffer | undefined {
    try {
      const fd = openSync(this.#to(name), onlyFile)
      try {
        const got = readSync(fd, short, 0, short.length, 0)
        return got > 0 && got < short.length ? short.subarray(0, got) : undefined
      } finally {
        closeSync(fd)
      }
    } catch {
      return undefined
    }
  }

  #readLong(name: string): Buffer {
    const path = `${this.path}/${name}`
    try {
      const fd = openSync(this.#to(name), onlyFile)
      try {
        const stats = fstatSync(fd)
        if (!stats.isFile()) throw new TypeError('not a regular file')
        if (stats.size > recordBounds.bytes) throw new RangeError(tooLong(stats.size))
        const bytes = Buffer.allocUnsafe(stats.size)
        let got = 0
        for (let more = -1; more !== 0 && got < bytes.length; got += more)
          more = readSync(fd, bytes, got, bytes.length - got, got)
        return bytes.subarray(0, got)
      } finally {
        closeSync(fd)
      }
    } catch (error) {
      throw withPath(error, path)
    }
  }

  /**
   * Replaces a file atomically, and keeps its mode and owner. After it returns, a power cut does not undo the change.
   * @throws what the file system throws; the file is then unchanged, or completely changed
   */
  async replace(name: string, content: string): Promise<void> {
    const path = `${this.path}/${name}`
    const draft = this.#to(`.${name}.workloadmgr-${randomBytes(6).toString('hex')}`)
    try {
      const { mode, uid, gid } = await this.#statOf(name)
      const file = await open(draft, onlyNew, 0o600)
      try {
        await file.writeFile(content)
        await file.chmod(mode & 0o7777)
        const own = await file.stat()
        // Only root can give a file away. The product's user owns the records.
        if (own.uid !== uid || own.gid !== gid) await file.chown(uid, gid)
        await file.sync()
      } finally {
        await file.close()
      }
      await rename(draft, this.#to(name))
      await this.#sync()
    } catch (error) {
      await unlink(draft).catch(() => {})
      throw withPath(error, path)
    }
  }

  /** Removes files that a killed process has left half written. Returns their number. Needs the lease of the target. */
  removeHalves(entries: readonly Dirent[] = this.entries()): number {
    const halves = entries.filter((entry) => entry.isFile() && half.test(entry.name))
    for (const { name } of halves) unlinkSync(this.#to(name))
    return halves.length
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd)
  }

  async #statOf(name: string): Promise<{ readonly mode: number; readonly uid: number; readonly gid: number }> {
    let file: FileHandle | undefined
    try {
      file = await open(this.#to(name), onlyFile)
      return await file.stat()
    } finally {
      await file?.close()
    }
  }

  async #sync(): Promise<void> {
    const folder = await open(this.#to(''), onlyFolder & ~constants.O_NOFOLLOW)
    try {
      await folder.sync()
    } finally {
      await folder.close()
    }
  }

  #to(name: string): string {
    return name === '' ? `/proc/self/fd/${this.#fd}` : `/proc/self/fd/${this.#fd}/${name}`
  }
}

/** The error with a path that people recognize. */
function withPath(error: unknown, path: string): unknown {
  if (!(error instanceof Error)) return error
  error.message = error.message.includes('/proc/self/fd/')
    ? error.message.replace(/ '.*$/s, ` '${path}'`)
    : error.message.includes(path)
      ? error.message
      : `${path}: ${error.message}`
  return error
}
