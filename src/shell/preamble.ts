import type { Readable } from 'node:stream'

/** What start files may print before they count as a flood. */
const maxBytes = 64 * 2 ** 20
/** Kept of it for messages. */
const keptBytes = 2048

/** What follows a mark. */
export interface MarkedLine {
  /** The text between the mark and the end of its line. */
  readonly text: string
  /** The bytes after that line that have arrived. */
  readonly rest: Buffer
}

export const isNothing = /^$/

/** The login shell ended, or printed too much, before its mark. */
export class NoMarkError extends Error {
  /** The end of what it printed. */
  readonly printed: string
  readonly isFlood: boolean

  constructor(message: string, printed: string, isFlood = false) {
    super(message)
    this.printed = printed
    this.isFlood = isFlood
  }
}

/**
 * Reads a stream up to the end of the line of a mark, and pauses it there. What start files of a login shell print before
 * is dropped, whatever it is: also the line that they were given, in an error or a trace.
 * @param pattern the text that follows the mark in its line
 * @throws NoMarkError if the stream ends, or floods
 */
export function readToMark(stream: Readable, mark: string, pattern: RegExp): Promise<MarkedLine> {
  return new Promise((resolve, reject) => {
    let seen = Buffer.alloc(0)
    let totalBytes = 0
    const stop = () => stream.off('data', read).off('end', end).off('error', fail)
    const read = (chunk: Buffer) => {
      totalBytes += chunk.length
      seen = Buffer.concat([seen, chunk])
      const found = lineOf(mark, pattern, seen)
      if (found !== undefined) {
        stream.pause()
        stop()
        resolve(found)
      } else if (totalBytes > maxBytes) {
        stream.pause()
        fail(new NoMarkError('the start files of its login shell print without end', textOf(seen), true))
      } else seen = Buffer.from(seen.subarray(-keptBytes))
    }
    const end = () => fail(new NoMarkError('its login shell exited at once', textOf(seen)))
    const fail = (reason: Error) => {
      stop()
      reject(reason)
    }
    stream.on('data', read).once('end', end).once('error', fail)
  })
}

function lineOf(mark: string, pattern: RegExp, seen: Buffer): MarkedLine | undefined {
  for (let at = seen.indexOf(mark); at >= 0; at = seen.indexOf(mark, at + 1)) {
    const end = seen.indexOf('\n', at)
    if (end < 0) return undefined
    const text = seen.toString('latin1', at + mark.length, end)
    if (pattern.test(text)) return { text, rest: seen.subarray(end + 1) }
  }
  return undefined
}

const textOf = (bytes: Buffer): string => bytes.subarray(-keptBytes).toString()
