import { LineSplitter } from './line-splitter.ts'

/** Names of values that an object must have, with their types. */
export type ObjectShape = Readonly<Record<string, 'string' | 'number' | 'object'>>

/**
 * Returns the objects that a program on a host printed as JSON, one a line. Anything else on the stream is ignored: what
 * start files of a login shell print late, or a wrapper of python3. It may lack a newline, and precede an object.
 */
export function objectsIn<T>(text: string, shape: ObjectShape): readonly T[] {
  return text.split('\n').flatMap((line) => objectIn<T>(line, shape) ?? [])
}

/** Passes on the objects in output that arrives in chunks: see {@link objectsIn}. */
export function objectStream<T>(shape: ObjectShape, take: (object: T) => void): LineSplitter {
  return new LineSplitter((line) => {
    const object = objectIn<T>(line, shape)
    if (object !== undefined) take(object)
  })
}

function objectIn<T>(line: string, shape: ObjectShape): T | undefined {
  // Text may hold braces of its own, but hardly many.
  let at = line.indexOf('{')
  for (let attempt = 0; at >= 0 && attempt < 20; attempt++) {
    const value = parsed(line.slice(at))
    if (value !== undefined) return hasShape(value, shape) ? (value as T) : undefined
    at = line.indexOf('{', at + 1)
  }
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
