import { constants } from 'node:fs'
import { access, type FileHandle, open, realpath, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { InputError, MachineError } from '../../errors.ts'
import type { PastContent, PastImage } from '../judge/past-image.ts'
import { checkHead, damaged, formatLine, headLine, parseLine } from './past-line.ts'
import { linesOf } from './past-lines.ts'
import { lockRecord } from './past-lock.ts'

/** How often an unfinished assessment writes down what it has read. */
const saveEveryMs = 60_000

/** The record of earlier assessments of targets: a file with a line for each image. It is held until disposed of. */
export class PastFile implements AsyncDisposable {
  /** Without symbolic links. */
  readonly path: string
  readonly #images = new Map<string, PastImage>()
  readonly #byWorkload = new Map<string, Set<string>>()
  readonly #byFolder = new Map<string, Set<string>>()
  readonly #lock: AsyncDisposable
  /** Identifies the file as it was read or written last. Undefined if there was none. */
  #state: string | undefined
  #savedMs = performance.now()
  #isChanged = false

  private constructor(path: string, lock: AsyncDisposable) {
    this.path = path
    this.#lock = lock
  }

  /**
   * Reads a record, or begins one. Nothing is written before `save`.
   * @throws InputError if it is no record, is damaged, is in use, or cannot be written
   */
  static async open(name: string): Promise<PastFile> {
    const path = await realPathOf(name)
    const past = new PastFile(path, await lockRecord(path))
    try {
      await past.#read()
      return past
    } catch (error) {
      await past[Symbol.asyncDispose]()
      throw error
    }
  }

  of(path: string): PastImage | undefined {
    return this.#images.get(path)
  }

  /** The content of the disk in a folder, whatever the name of its image was. */
  contentIn(folder: string): PastContent | undefined {
    for (const path of this.#byFolder.get(folder) ?? []) {
      const content = this.of(path)?.content
      if (content !== undefined) return content
    }
    return undefined
  }

  get workloadIds(): readonly string[] {
    return [...this.#byWorkload.keys()].toSorted()
  }

  ofWorkload(workloadId: string): readonly PastImage[] {
    return [...(this.#byWorkload.get(workloadId) ?? [])].flatMap((path) => this.of(path) ?? [])
  }

  set(path: string, image: PastImage | undefined): void {
    this.#isChanged = true
    const [, workloadId = ''] = /^workload_([^/]+)\//.exec(path) ?? []
    if (image === undefined) this.#images.delete(path)
    else this.#images.set(path, image)
    for (const [index, key] of [
      [this.#byWorkload, workloadId],
      [this.#byFolder, dirname(path)],
    ] as const) {
      const paths = index.get(key) ?? new Set()
      if (image === undefined) paths.delete(path)
      else paths.add(path)
      if (paths.size === 0) index.delete(key)
      else index.set(key, paths)
    }
  }

  async saveNowAndThen(): Promise<void> {
    if (performance.now() - this.#savedMs > saveEveryMs) await this.save()
  }

  /**
   * Replaces the file at once, or leaves it as it was.
   * @throws MachineError if someone else has changed it, or if it cannot be written
   */
  async save(): Promise<void> {
    if (!this.#isChanged) return
    if ((await stateOf(this.path)) !== this.#state)
      throw new MachineError('record-changed', `--record: ${this.path} was changed by someone else meanwhile`, {
        remedy: 'Assess again: nothing of this assessment was written to it.',
      })
    const draft = `${this.path}.${process.pid}.new`
    try {
      const file = await open(draft, 'wx', 0o644)
      try {
        await this.#write(file)
        await file.sync()
      } finally {
        await file.close()
      }
      await rename(draft, this.path)
      const folder = await open(dirname(this.path))
      await folder.sync().finally(() => folder.close())
    } catch (cause) {
      await rm(draft, { force: true })
      throw new MachineError(
        'record-not-written',
        `--record: ${this.path} cannot be written: ${(cause as Error).message}`,
        {
          cause,
        },
      )
    }
    this.#state = await stateOf(this.path)
    this.#savedMs = performance.now()
    this.#isChanged = false
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lock[Symbol.asyncDispose]()
  }

  async #read(): Promise<void> {
    this.#state = await stateOf(this.path)
    if (this.#state === undefined) return
    const file = await open(this.path, constants.O_RDONLY | constants.O_NONBLOCK).catch((cause: Error) => {
      throw new InputError(`--record: ${this.path} cannot be read: ${cause.message}`, { cause })
    })
    try {
      if (!(await file.stat()).isFile()) throw new InputError(`--record: ${this.path} is not a regular file`)
      let lines = 0
      for await (const [line, nth] of linesOf(file, this.path)) {
        lines++
        const where = `${this.path}:${nth}`
        if (nth === 1) checkHead(line, where)
        else this.#add(parseLine(line, where), where)
      }
      if (lines === 0) throw damaged(`${this.path}:1`, 'the record is empty')
    } finally {
      await file.close()
    }
    this.#isChanged = false
  }

  #add(image: PastImage, where: string): void {
    if (this.#images.has(image.path)) throw damaged(where, `a second line for ${image.path}`)
    this.set(image.path, image)
  }

  async #write(file: FileHandle): Promise<void> {
    let lines = [headLine]
    for (const path of [...this.#images.keys()].sort()) {
      const image = this.#images.get(path)
      if (image !== undefined) lines.push(formatLine(image))
      if (lines.length < 1000) continue
      await file.writeFile(`${lines.join('\n')}\n`)
      lines = []
    }
    if (lines.length > 0) await file.writeFile(`${lines.join('\n')}\n`)
  }
}

/** @throws InputError if the file could not be written there */
async function realPathOf(name: string): Promise<string> {
  const refuse = (problem: string, cause: unknown) =>
    new InputError(`--record: ${problem}`, { remedy: 'Pass a file in a folder that you may write to.', cause })
  const isThere = await stat(name).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false
      throw refuse(`${name} cannot be read: ${error.message}`, error)
    },
  )
  const folder = await realpath(isThere ? dirname(await realpath(name)) : dirname(name)).catch((error: Error) => {
    throw refuse(`the folder of ${name} cannot be read: ${error.message}`, error)
  })
  await access(folder, constants.W_OK | constants.X_OK).catch((error: Error) => {
    throw refuse(`${folder} cannot be written: ${error.message}`, error)
  })
  return join(folder, basename(isThere ? await realpath(name) : name))
}

async function stateOf(path: string): Promise<string | undefined> {
  try {
    const { dev, ino, size, mtimeNs } = await stat(path, { bigint: true })
    return [dev, ino, size, mtimeNs].join(' ')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
