import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheFolder } from './cache-folder.ts'
import { type LabOwner, makeLabFolder, removalScript, removeLabFolder } from './lab-folder.ts'
import { folderUnusable, makeOwnFolder } from './own-folder.ts'
import { thisProcess } from './process-identity.ts'

/** A folder that is removed when this process exits, even if it is killed: a watcher process waits for that. */
export class LeasedFolder implements AsyncDisposable {
  readonly path: string
  readonly #watcher: ChildProcess

  private constructor(path: string) {
    this.path = path
    const script = `cat >/dev/null; ${removalScript}`
    this.#watcher = spawn('/bin/sh', ['-c', script, 'dr-drill', path], {
      // A signal to our process group must not kill it, so it has a session of its own.
      detached: true,
      cwd: '/',
      stdio: ['pipe', 'ignore', 'ignore'],
    })
    // Without a watcher, disposing and `clean` still remove the folder.
    this.#watcher.on('error', () => {})
    this.#watcher.stdin?.on('error', () => {})
  }

  /** Creates the folder of a lab. @param owner its `lab` names the folder, so it must be unique in its run */
  static async make(owner: LabOwner): Promise<LeasedFolder> {
    return new LeasedFolder(await makeLabFolder(owner))
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

  /** Creates a folder at this path. Renaming it keeps its contents. */
  static async at(path: string): Promise<LeasedFolder> {
    await mkdir(path)
    return new LeasedFolder(path)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { exitCode, signalCode, pid, stdin } = this.#watcher
    if (exitCode === null && signalCode === null && pid !== undefined) {
      const exit = once(this.#watcher, 'exit')
      stdin?.end()
      await exit
    }
    await removeLabFolder(this.path)
  }
}
