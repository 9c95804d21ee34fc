import {
  accessSync,
  closeSync,
  constants,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { InputError, MachineError } from '../errors.ts'
import { holdName } from '../localhost/held-name.ts'
import { Readings } from './readings.ts'
import type { BeginLine, ResultsLine } from './results-line.ts'
import { ResultsReader } from './results-lines.ts'

/** What a file holds from earlier verifications. */
interface Earlier {
  readonly begin: BeginLine
  readonly targets: readonly Extract<ResultsLine, { kind: 'target' }>[]
  readonly isEnded: boolean
  readonly wholeBytes: number
}

/**
 * The results of a verification: a line for each fact, as soon as it is known, so that nothing that was read is lost when
 * the process ends. It is held until disposed of.
 */
export class ResultsFile implements AsyncDisposable {
  /** Without symbolic links. */
  readonly path: string
  /** The readings of all earlier verifications in the file. */
  readonly readings: Readings
  readonly earlier: Earlier | undefined
  readonly #lock: AsyncDisposable
  #file: number | undefined
  #beginsAt = 0
  #bytes = 0

  private constructor(path: string, lock: AsyncDisposable, readings: Readings, earlier: Earlier | undefined) {
    this.path = path
    this.#lock = lock
    this.readings = readings
    this.earlier = earlier
  }

  /**
   * Reads what a file holds, if it exists. Nothing is written before `begin`.
   * @throws InputError if it is not a file of results, is damaged, is in use, or cannot be written
   */
  static async open(name: string): Promise<ResultsFile> {
    const path = realPathOf(resolve(name))
    const lock = await holdName('verification', path)
    if (lock === undefined)
      throw new InputError(`--results: another verification is using ${path}`, {
        remedy: 'Wait until it ends, or pass another file.',
      })
    try {
      const readings = new Readings()
      return new ResultsFile(
        path,
        lock,
        readings,
        (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0 ? await readEarlier(path, readings) : undefined,
      )
    } catch (error) {
      await lock[Symbol.asyncDispose]()
      throw error
    }
  }

  /** Starts a verification. @throws MachineError if the file cannot be written */
  begin(line: BeginLine): void {
    this.#guarded(() => {
      this.#file = openSync(this.path, constants.O_CREAT | constants.O_RDWR, 0o644)
      this.#beginsAt = this.#bytes = this.earlier?.wholeBytes ?? 0
      // What a killed process wrote of its last line.
      ftruncateSync(this.#file, this.#bytes)
    })
    this.append(line)
  }

  /** @throws MachineError if the file cannot be written */
  append(line: { readonly kind: ResultsLine['kind'] } & object): void {
    const bytes = Buffer.from(`${JSON.stringify(line)}\n`)
    this.#guarded((file) => {
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, bytes.length - at, this.#bytes + at)
    })
    this.#bytes += bytes.length
  }

  /**
   * Ends a verification that has read everything, and drops earlier ones.
   * @throws MachineError if the file cannot be written
   */
  end(date: string): void {
    const line: ResultsLine = { kind: 'end', date }
    this.append(line)
    this.#guarded((file) => fsyncSync(file))
    if (this.#beginsAt > 0) this.#guarded(() => this.#dropEarlier())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#file !== undefined) closeSync(this.#file)
    this.#file = undefined
    await this.#lock[Symbol.asyncDispose]()
  }

  /** The file is the whole old one or the whole new one at any moment. */
  #dropEarlier(): void {
    const draft = `${this.path}.${process.pid}.new`
    try {
      copyTail(this.path, draft, this.#beginsAt)
      renameSync(draft, this.path)
    } finally {
      rmSync(draft, { force: true })
    }
  }

  #guarded(write: (file: number) => void): void {
    try {
      write(this.#file ?? -1)
    } catch (cause) {
      throw new MachineError(
        'results-not-written',
        `--results: ${this.path} cannot be written: ${(cause as Error).message}`,
        { cause, remedy: 'Free disk space, and run the same command again: what was read is kept.' },
      )
    }
  }
}

async function readEarlier(path: string, readings: Readings): Promise<Earlier> {
  await using reader = await ResultsReader.open(path)
  let begin: BeginLine | undefined
  let targets: Extract<ResultsLine, { kind: 'target' }>[] = []
  let isEnded = false
  for await (const { line } of reader.lines()) {
    if (line.kind === 'begin') {
      begin = line
      targets = []
      isEnded = false
    } else if (line.kind === 'target') targets.push(line)
    else if (line.kind === 'reading') readings.add(line)
    else if (line.kind === 'end') isEnded = true
  }
  if (begin === undefined) throw new InputError(`${path} holds no results`)
  return { begin, targets, isEnded, wholeBytes: reader.wholeBytes }
}

const copyBytes = 2 ** 20

function copyTail(from: string, to: string, offset: number): void {
  const source = openSync(from, 'r')
  const copy = openSync(to, 'wx', 0o644)
  try {
    const buffer = Buffer.allocUnsafe(copyBytes)
    for (let position = offset; ; ) {
      const count = readSync(source, buffer, 0, copyBytes, position)
      if (count === 0) break
      for (let at = 0; at < count; ) at += writeSync(copy, buffer, at, count - at)
      position += count
    }
    fsyncSync(copy)
  } finally {
    closeSync(copy)
    closeSync(source)
  }
}

/** @throws InputError if the file could not be written there */
function realPathOf(name: string): string {
  const remedy = 'Pass a file in a folder that you may write to.'
  try {
    const isThere = statSync(name, { throwIfNoEntry: false })
    if (isThere !== undefined && !isThere.isFile()) throw new Error('it is not a regular file')
    const path = isThere === undefined ? join(realpathSync(dirname(name)), basename(name)) : realpathSync(name)
    accessSync(isThere === undefined ? dirname(path) : path, constants.W_OK)
    return path
  } catch (cause) {
    throw new InputError(`--results: ${name} cannot be written: ${(cause as Error).message}`, { cause, remedy })
  }
}
