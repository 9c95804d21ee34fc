import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import type { HubOptions } from './engine/engine.ts'
import { makeLabFolder } from './lab-folder.ts'

/** A folder that is removed when this process is gone, however it went: another one waits for our end and removes it. */
export class LeasedFolder implements AsyncDisposable {
  readonly path: string
  readonly #watcher: ChildProcess

  private constructor(path: string) {
    this.path = path
    const script = 'cat >/dev/null; rm -rf -- "$1"'
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
  static async make(owner: HubOptions): Promise<LeasedFolder> {
    return new LeasedFolder(await makeLabFolder(owner))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { exitCode, signalCode, pid, stdin } = this.#watcher
    if (exitCode === null && signalCode === null && pid !== undefined) {
      const exit = once(this.#watcher, 'exit')
      stdin?.end()
      await exit
    }
    await rm(this.path, { recursive: true, force: true })
  }
}
