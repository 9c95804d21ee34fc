import { closeSync, openSync, readSync } from 'node:fs'

const partBytes = 256 * 1024
const newline = 0x0a

/** Reads a file in parts, so that not all of it is in memory. Each part is valid until the next one. */
export function* partsOfFile(path: string): Generator<Uint8Array> {
  const file = openSync(path, 'r')
  try {
    const part = Buffer.allocUnsafe(partBytes)
    for (let read = readSync(file, part); read > 0; read = readSync(file, part)) yield part.subarray(0, read)
  } finally {
    closeSync(file)
  }
}

/** Returns the complete lines of parts, and then the rest after the last of them: empty, or a line that was cut. */
export function* journalLines(parts: Iterable<Uint8Array>): Generator<string, string> {
  /** The beginning of a line that a later part ends. */
  let begun: Buffer[] = []
  for (const bytes of parts) {
    const part = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    let start = 0
    for (let end = part.indexOf(newline); end !== -1; end = part.indexOf(newline, start)) {
      const last = part.subarray(start, end)
      yield (begun.length === 0 ? last : Buffer.concat([...begun, last])).toString('utf8')
      begun = []
      start = end + 1
    }
    if (start < part.length) begun.push(Buffer.from(part.subarray(start)))
  }
  return Buffer.concat(begun).toString('utf8')
}
