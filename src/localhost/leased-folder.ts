import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheFolder } from './cache-folder.ts'
import { type LabOwner, makeLabFolder, removal, removeLabFolder } from './lab-folder.ts'
import { folderUnusable, makeOwnFolder } from './own-folder.ts'
import { thisProcess } from './process-identity.ts'

/** A folder that is removed when this process is gone, however it went: another one waits for our end and removes it. */
export class LeasedFolder implements AsyncDisposable {
  readonly path: string
  readonly #watcher: ChildProcess

  private constructor(path: string) {
    this.path = path
    const script = `cat >/dev/null; ${removal}`
    this.#watcher = spawn('/bin/sh', ['-c', script, 'dr-drill', path], {
      // In a session of its own, so that what ends our process group does not end it.
      detached: true,
      cwd: '/',
      stdio: ['pipe', 'ignore', 'ignore'],
    })
    // Without it the folder is removed by whoever disposes of it, and by `clean`.
    this.#watcher.on('error', () => {})
    this.#watcher.stdin?.on('error', () => {})
  }

  /** @param owner its `lab` names the folder, so it must be unique in its run */
  static async make(owner: LabOwner): Promise<LeasedFolder> {
    return new LeasedFolder(await makeLabFolder(owner))
  }

  /** For what a set-up makes and does not keep. */
  static async forSetUp(what: string): Promise<LeasedFolder> {
    const run = `set-up-${process.pid}-${randomBytes(3).toString('hex')}`
    return LeasedFolder.make({ run, lab: what, owner: await thisProcess() })
  }

  /** For what will be in the cache when it is whole. @throws MachineError when there can be none */
  static async inCache(prefix: string): Promise<LeasedFolder> {
    const cache = cacheFolder()
    makeOwnFolder(cache, 'XDG_CACHE_HOME')
    try {
      return await LeasedFolder.at(join(cache, `${prefix}half-${randomBytes(4).toString('hex')}`))
    } catch (cause) {
      throw folderUnusable(cache, 'XDG_CACHE_HOME', cause)
    }
  }

  /** At a place of its own; whoever moves it away keeps it. */
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
