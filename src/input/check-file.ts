import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import type { z } from 'zod'
import { InputError } from '../errors.ts'
import { check } from './schema-check.ts'

/** The content of a file, and the positions in it. */
export interface Written<T> {
  readonly value: T
  /** The `file:line` of a value, or of the nearest value around it. */
  at(...path: readonly PropertyKey[]): string
}

/**
 * Reads YAML and checks it against a schema. A duplicate key is an error.
 * @param source the file, for messages
 * @throws InputError that names file and line of each error, what is allowed there, and the nearest known word
 */
export function checkFile<Schema extends z.ZodType>(
  schema: Schema,
  yaml: string,
  source: string,
): Written<z.output<Schema>> {
  const lines = new LineCounter()
  const document = parseDocument(yaml, { lineCounter: lines })
  // A tag that the parser does not know is only a warning to it, and it reads the value as a text.
  const [broken] = [...document.errors, ...document.warnings]
  if (broken !== undefined) {
    const { line } = lines.linePos(broken.pos[0])
    throw new InputError(`${source}:${line}: ${broken.message.split('\n')[0]}`, { cause: broken })
  }
  const at = (...path: readonly PropertyKey[]): string => {
    const offset = offsetOf(document.contents, path)
    return offset === undefined ? source : `${source}:${lines.linePos(offset).line}`
  }
  let value: unknown
  try {
    value = document.toJS()
  } catch (cause) {
    throw new InputError(`${source}: ${(cause as Error).message}`, { cause })
  }
  return { value: check(schema, value, source, (path) => at(...path)), at }
}

/** The position of the deepest value on a path; for a pair, of its key. */
function offsetOf(root: Node | null, path: readonly PropertyKey[]): number | undefined {
  let place: unknown = root
  let offset = root?.range?.[0]
  for (const key of path) {
    const pair = isMap(place)
      ? place.items.find((one) => isScalar(one.key) && String(one.key.value) === String(key))
      : undefined
    const inner = isSeq(place) ? place.items[Number(key)] : pair?.value
    const begin = (isScalar(pair?.key) ? pair.key : (inner as Node | undefined))?.range?.[0]
    if (begin === undefined) return offset
    offset = begin
    place = inner
  }
  return offset
}
