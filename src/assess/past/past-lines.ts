import type { FileHandle } from 'node:fs/promises'
import { damaged } from './past-line.ts'

const maxLineBytes = 128 * 1024
/** Two for each image of the largest target that is planned for. */
const maxLines = 2_000_000
const chunkBytes = 256 * 1024

/**
 * The lines of a record, with their numbers. Neither a long line nor a long file is kept in memory.
 * @throws InputError for a line that is too long or not UTF-8, and for too many lines
 */
export async function* linesOf(file: FileHandle, path: string): AsyncGenerator<readonly [line: string, nth: number]> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let nth = 1
  let rest = Buffer.alloc(0)
  const text = (bytes: Uint8Array): string => {
    try {
      return decoder.decode(bytes)
    } catch {
      throw damaged(`${path}:${nth}`, 'the line is not UTF-8')
    }
  }
  for (let end = false; !end; ) {
    const chunk = Buffer.alloc(chunkBytes)
    const { bytesRead } = await file.read(chunk, 0, chunkBytes)
    end = bytesRead === 0
    let bytes = Buffer.concat([rest, chunk.subarray(0, bytesRead)])
    for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10)) {
      if (at > maxLineBytes) throw tooLong(path, nth)
      if (nth > maxLines) throw damaged(`${path}:${nth}`, `the record has more than ${maxLines} lines`)
      yield [text(bytes.subarray(0, at)), nth++]
      bytes = bytes.subarray(at + 1)
    }
    if (bytes.length > maxLineBytes) throw tooLong(path, nth)
    rest = bytes
  }
  if (rest.length > 0) throw damaged(`${path}:${nth}`, 'the last line is cut short')
}

const tooLong = (path: string, nth: number) =>
  damaged(`${path}:${nth}`, `the line is longer than ${maxLineBytes} bytes`)
