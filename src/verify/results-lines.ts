import { closeSync, constants, openSync, readSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { InputError } from '../errors.ts'
import { beginsLikeResults, damagedResults, parseResultsLine, type ResultsLine } from './results-line.ts'

/** A workload with all of its images is one line. */
const maxLineBytes = 256 * 2 ** 20
const chunkBytes = 2 ** 18

/** A line, and its place in the file. */
export interface PlacedLine {
  readonly line: ResultsLine
  readonly nth: number
  readonly offset: number
  readonly lengthBytes: number
}

/** A file of results that is open for reading. */
export class ResultsReader implements AsyncDisposable {
  readonly path: string
  readonly #file: FileHandle
  /** The end of the last whole line that was read. */
  wholeBytes = 0

  private constructor(path: string, file: FileHandle) {
    this.path = path
    this.#file = file
  }

  /** @throws InputError if it cannot be read, or is not a regular file */
  static async open(path: string): Promise<ResultsReader> {
    // A named pipe without a writer would block.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((cause: Error) => {
      throw new InputError(`cannot read the results ${path}: ${cause.message}`, { cause })
    })
    if ((await file.stat()).isFile()) return new ResultsReader(path, file)
    await file.close()
    throw new InputError(`cannot read the results ${path}: it is not a regular file`)
  }

  /**
   * All lines, in order. The last one is left out if it is cut: its writer was killed, or its disk was full.
   * @throws InputError with the number of a line that is not as it was written
   */
  async *lines(): AsyncGenerator<PlacedLine> {
    let [pieces, length, offset, nth]: [Buffer[], number, number, number] = [[], 0, 0, 1]
    for (let position = 0; ; ) {
      const chunk = Buffer.allocUnsafe(chunkBytes)
      const { bytesRead } = await this.#file.read(chunk, 0, chunkBytes, position)
      if (bytesRead === 0) break
      position += bytesRead
      let rest = chunk.subarray(0, bytesRead)
      for (let end = rest.indexOf(10); end !== -1; end = rest.indexOf(10)) {
        const bytes = Buffer.concat([...pieces, rest.subarray(0, end)])
        rest = rest.subarray(end + 1)
        yield { line: this.#parse(bytes, nth), nth: nth++, offset, lengthBytes: bytes.length }
        offset += bytes.length + 1
        this.wholeBytes = offset
        ;[pieces, length] = [[], 0]
      }
      pieces.push(rest)
      length += rest.length
      if (length > maxLineBytes)
        throw damagedResults(`${this.path}:${nth}`, `the line is longer than ${maxLineBytes} bytes`)
    }
    if (nth === 1) throw damagedResults(`${this.path}:1`, 'the file has no line')
  }

  /** The line at a place. @throws InputError if the file was changed since */
  async lineAt({ offset, lengthBytes, nth }: Omit<PlacedLine, 'line'>): Promise<ResultsLine> {
    const bytes = Buffer.alloc(lengthBytes)
    const { bytesRead } = await this.#file.read(bytes, 0, lengthBytes, offset)
    if (bytesRead < lengthBytes) throw damagedResults(`${this.path}:${nth}`, 'the file was changed while it was read')
    return this.#parse(bytes, nth)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close()
  }

  #parse(bytes: Buffer, nth: number): ResultsLine {
    const where = `${this.path}:${nth}`
    let text: string
    try {
      text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    } catch {
      throw damagedResults(where, 'the line is not UTF-8')
    }
    const line = parseResultsLine(text, where)
    if (nth === 1 && line.kind !== 'begin') throw damagedResults(where, 'is not the first line of results')
    return line
  }
}

/** True for a file that begins as results do, whatever follows. False if it cannot be read. */
export function isResultsFile(path: string): boolean {
  try {
    const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      const bytes = Buffer.alloc(256)
      return beginsLikeResults(bytes.toString('utf8', 0, readSync(file, bytes)))
    } finally {
      closeSync(file)
    }
  } catch {
    return false
  }
}
