import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { foldersVariable, markSuffix } from './test-folder-names.ts'

/** Watchers of folders remove them a moment after the processes that they watch. */
const graceMs = 10_000

/** The temporary folders of test files, one for each, and what the files left in them. */
export class TemporaryFolders implements AsyncDisposable {
  /** Options of Node under which a test file creates its folder. */
  readonly nodeOptions = ['--import', fileURLToPath(new URL('./own-temporary-folder.ts', import.meta.url))] as const
  readonly #parent: string

  private constructor(parent: string) {
    this.#parent = parent
    // Test files inherit the environment.
    process.env[foldersVariable] = parent
  }

  static async make(): Promise<TemporaryFolders> {
    const parent = await mkdtemp(join(tmpdir(), 'gate-'))
    await chmod(parent, 0o755)
    return new TemporaryFolders(parent)
  }

  /** A line for each test file that left something behind. */
  async leftovers(): Promise<readonly string[]> {
    const giveUpAt = performance.now() + graceMs
    for (;;) {
      const left = await this.#left()
      if (left.length === 0 || performance.now() > giveUpAt) return left
      await delay(100)
    }
  }

  async #left(): Promise<readonly string[]> {
    const marks = (await readdir(this.#parent)).filter((name) => name.endsWith(markSuffix))
    const lines = marks.map(async (mark) => {
      const names = await readdir(join(this.#parent, mark.slice(0, -markSuffix.length)))
      const file = await readFile(join(this.#parent, mark), 'utf8')
      return names.length === 0 ? [] : [`${file} left in its temporary folder: ${names.join(', ')}`]
    })
    return (await Promise.all(lines)).flat().toSorted()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    delete process.env[foldersVariable]
    await rm(this.#parent, { recursive: true, force: true })
  }
}
