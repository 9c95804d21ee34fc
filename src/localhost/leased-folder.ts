import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheFolder } from './cache-folder.ts'
import { type LabOwner, makeLabFolder, removalScript, removeLabFolder } from './lab-folder.ts'
import { folderUnusable, makeOwnFolder } from './own-folder.ts'
import { thisProcess } from './process-identity.ts'
import { makeTemporaryFolder, putOnRecord, type WatchedFolder } from './watched-folder.ts'
import { watcherEnvironment } from './watchers.ts'

/**
 * A folder that is removed when this process exits, even if it is killed: a watcher process waits for that. If the watcher
 * is killed as well, a record on disk remains, with which the next run and `clean` remove the folder.
 */
export class LeasedFolder implements AsyncDisposable {
  readonly path: string
  readonly #record: string | undefined
  readonly #watcher: ChildProcess

  private constructor({ path, record, env }: WatchedFolder) {
    this.path = path
    this.#record = record
    const script = `cat >/dev/null; (${removalScript}) && rm -f -- "$2"`
    this.#watcher = spawn('/bin/sh', ['-c', script, 'dr-drill', path, record ?? ''], {
      // A signal to our process group must not kill it, so it has a session of its own.
      detached: true,
      cwd: '/',
      env,
      stdio: ['pipe', 'ignore', 'ignore'],
    })
    // Without a watcher, disposing and `clean` still remove the folder.
    this.#watcher.on('error', () => {})
    this.#watcher.stdin?.on('error', () => {})
  }

  /** Creates the folder of a lab. @param owner its `lab` names the folder, so it must be unique in its run */
  static async make(owner: LabOwner): Promise<LeasedFolder> {
    const path = await makeLabFolder(owner)
    // A file in it is its record.
    return new LeasedFolder({ path, record: undefined, env: await watcherEnvironment(path) })
  }

  /** Creates a folder for intermediate files of a setup. */
  static async forSetUp(what: string): Promise<LeasedFolder> {
    const run = `set-up-${process.pid}-${randomBytes(3).toString('hex')}`
    return LeasedFolder.make({ run, lab: what, owner: await thisProcess() })
  }

  /** Creates a folder in the cache, for files that are renamed when complete. @throws MachineError if it cannot */
  static async inCache(prefix: string): Promise<LeasedFolder> {
    const cache = cacheFolder()
    makeOwnFolder(cache, 'XDG_CACHE_HOME')
    try {
      return await LeasedFolder.at(join(cache, `${prefix}half-${randomBytes(4).toString('hex')}`))
    } catch (cause) {
      throw folderUnusable(cache, 'XDG_CACHE_HOME', cause)
    }
  }

  /** Creates a folder for temporary files, which only this user can read. @throws MachineError if it cannot */
  static async temporary(prefix: string): Promise<LeasedFolder> {
    return new LeasedFolder(await makeTemporaryFolder(prefix))
  }

  /** Creates a folder at this path. Renaming it keeps its contents. */
  static async at(path: string): Promise<LeasedFolder> {
    await mkdir(path)
    return new LeasedFolder(await putOnRecord(path))
  }

  /** Keeps the contents under another name, and returns their path. */
  async keep(): Promise<string> {
    const kept = `${this.path}-kept`
    await rename(this.path, kept)
    return kept
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { exitCode, signalCode, pid, stdin } = this.#watcher
    if (exitCode === null && signalCode === null && pid !== undefined) {
      const exit = once(this.#watcher, 'exit')
      stdin?.end()
      // It may have been stopped.
      this.#watcher.kill('SIGCONT')
      await exit
    }
    await removeLabFolder(this.path)
    if (this.#record !== undefined) await rm(this.#record, { force: true })
  }
}
