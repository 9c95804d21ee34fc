import { MachineError } from '../errors.ts'
import { lastLine } from './last-line.ts'
import { LineSplitter } from './line-splitter.ts'

/** Names of values that an object must have, with their types. */
export type ObjectShape = Readonly<Record<string, 'string' | 'number' | 'object'>>

/**
 * Returns the objects that a program on a host printed as JSON, one a line. Anything else on the stream is ignored: what
 * start files of a login shell print late, or a wrapper of python3. It may lack a newline, and precede an object. So is a
 * line that has not ended, of a program that was stopped.
 * @throws MachineError for a line that holds part of an object: text of others has destroyed it
 */
export function objectsIn<T>(where: string, text: string, shape: ObjectShape): readonly T[] {
  const lines = text.split('\n').slice(0, -1)
  return lines.flatMap((line) => objectIn<T>(where, line, shape) ?? [])
}

/** Passes on the objects in output that arrives in chunks: see {@link objectsIn}. */
export function objectStream<T>(where: string, shape: ObjectShape, take: (object: T) => void): LineSplitter {
  return new LineSplitter((line) => {
    const object = objectIn<T>(where, line, shape)
    if (object !== undefined) take(object)
  })
}

/** Returns the first of such objects. @throws MachineError if there is none */
export function firstObjectIn<T>(where: string, text: string, shape: ObjectShape): T {
  const [first] = objectsIn<T>(where, text, shape)
  if (first === undefined) throw noResult(where, text)
  return first
}

/** An error for a program that exited with 0, but printed something else than its results. */
export function noResult(where: string, printed: string): MachineError {
  const what = lastLine(printed)
  return new MachineError(
    'no-result',
    `${where}: a program printed ${what === '' ? 'nothing' : `no result, but: ${what}`}`,
    {
      remedy:
        'Make the start files of the login shell there print nothing where there is no terminal: [ -t 1 ] || return',
    },
  )
}

/** No text before an object has more braces. */
const maxAttempts = 20

function objectIn<T>(where: string, line: string, shape: ObjectShape): T | undefined {
  if (Array.isArray(parsed(line))) return undefined
  let at = line.indexOf('{')
  for (let attempt = 0; at >= 0 && attempt < maxAttempts; attempt++) {
    const value = parsed(line.slice(at))
    if (value !== undefined) return hasShape(value, shape) ? (value as T) : undefined
    at = line.indexOf('{', at + 1)
  }
  if (/\{"\w+":/.test(line)) throw noResult(where, line)
  return undefined
}

function parsed(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

function hasShape(value: object, shape: ObjectShape): boolean {
  const values = value as Record<string, unknown>
  return Object.entries(shape).every(([name, type]) => typeof values[name] === type && values[name] !== null)
}
