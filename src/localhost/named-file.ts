import { closeSync, constants, createReadStream, fstatSync, openSync, readSync } from 'node:fs'
import { resolve } from 'node:path'
import { InputError } from '../errors.ts'
import { bytes as bytesText } from '../text/bytes.ts'

/** A file that a person named, e.g. in an option. */
export interface NamedFile {
  /** A noun for messages, e.g. `the mapping`. */
  readonly what: string
  readonly path: string
  /** No sensible file is longer. Default: 32 MiB. For lines: the longest one. */
  readonly maxBytes?: number
  readonly remedy?: string
}

const usualMaxBytes = 32 * 2 ** 20
const chunkBytes = 2 ** 16

/** A pipe that the shell has opened: `<(program)`, or standard input. */
const openedPipe = /^\/(dev\/(fd\/\d+|stdin)|proc\/(self|\d+)\/fd\/\d+)$/

/**
 * Reads a text file that a person named.
 * @throws InputError that names the file and why: it cannot be read, is no regular file, is too long, or is not text in UTF-8
 */
export function readNamedFile(file: NamedFile): string {
  const content = readNamedBytes(file)
  return guarded(file, () => textOf(content))
}

/** Reads a file of any content that a person named. @throws InputError as `readNamedFile` does */
export function readNamedBytes(file: NamedFile): Buffer {
  const { maxBytes = usualMaxBytes } = file
  return guarded(file, () => {
    const descriptor = open(file.path, maxBytes)
    try {
      const chunks: Buffer[] = []
      for (let length = 0; ; ) {
        const chunk = Buffer.allocUnsafe(chunkBytes)
        const count = readSync(descriptor, chunk)
        if (count === 0) return Buffer.concat(chunks)
        length += count
        // A pipe, and a file of the kernel, have no length before.
        if (length > maxBytes) throw tooLong(maxBytes)
        chunks.push(chunk.subarray(0, count))
      }
    } finally {
      closeSync(descriptor)
    }
  })
}

/**
 * Reads the lines of a text file that a person named. The file may be longer than the memory.
 * @throws InputError as `readNamedFile` does
 */
export async function* linesOfNamedFile(file: NamedFile): AsyncGenerator<string> {
  const { path, maxBytes = usualMaxBytes } = file
  const fail = (cause: unknown): never => guarded(file, () => raise(cause))
  const descriptor = guarded(file, () => open(path))
  const chunks = createReadStream('', { fd: descriptor, highWaterMark: chunkBytes })[Symbol.asyncIterator]()
  let [pieces, length]: [Buffer[], number] = [[], 0]
  const line = () => {
    const text = guarded(file, () => textOf(Buffer.concat(pieces)))
    ;[pieces, length] = [[], 0]
    return text.replace(/\r$/, '')
  }
  try {
    for (;;) {
      const { value, done } = await chunks.next().catch(fail)
      if (done) break
      let rest = value as Buffer
      if (rest.includes(0)) fail(binary())
      for (let end = rest.indexOf(10); end !== -1; end = rest.indexOf(10)) {
        pieces.push(rest.subarray(0, end))
        rest = rest.subarray(end + 1)
        yield line()
      }
      pieces.push(rest)
      length += rest.length
      if (length > maxBytes) fail(new Error(`a line is longer than ${bytesText(maxBytes)}`))
    }
    if (length > 0) yield line()
  } finally {
    // Also closes the file.
    await chunks.return?.()
  }
}

/** Opens a file without waiting for the writer of a named pipe. */
function open(path: string, maxBytes?: number): number {
  const isOpened = openedPipe.test(resolve(path))
  const descriptor = openSync(path, isOpened ? constants.O_RDONLY : constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const kind = fstatSync(descriptor)
    if (kind.isDirectory()) throw new Error('EISDIR: it is a directory')
    if (!kind.isFile() && !(isOpened && kind.isFIFO())) throw new Error('it is not a regular file')
    if (maxBytes !== undefined && kind.size > maxBytes) throw tooLong(maxBytes, kind.size)
    return descriptor
  } catch (error) {
    closeSync(descriptor)
    throw error
  }
}

const tooLong = (maxBytes: number, size?: number): Error =>
  new Error(`it has ${size === undefined ? '' : `${bytesText(size)}, `}more than ${bytesText(maxBytes)}`)

const binary = (): Error => new Error('it is a binary file')

function textOf(content: Buffer): string {
  if (content.includes(0)) throw binary()
  try {
    // Ignores a byte order mark.
    return new TextDecoder('utf-8', { fatal: true }).decode(content)
  } catch {
    throw new Error('it is not text in UTF-8')
  }
}

function guarded<T>({ what, path, remedy }: NamedFile, read: () => T): T {
  try {
    return read()
  } catch (error) {
    const cause = error as Error
    // Node.js names the call and the path again.
    const why = cause.message.replace(/, \w+( '[^]*')?$/, '')
    throw new InputError(`cannot read ${what} ${path}: ${why}`, { cause, ...(remedy !== undefined && { remedy }) })
  }
}

function raise(error: unknown): never {
  throw error
}
