import { parseDocument } from 'yaml'
import { z } from 'zod'
import { InputError } from '../errors.ts'
import { nearest } from './nearest.ts'

/**
 * Reads YAML. A duplicate key is an error, and so is what the parser would only warn about: a tag that it does not know.
 * @param source the file, for messages
 * @throws InputError
 */
export function parseYaml(yaml: string, source: string): unknown {
  try {
    const document = parseDocument(yaml)
    const [broken] = [...document.errors, ...document.warnings]
    if (broken !== undefined) throw broken
    return document.toJS()
  } catch (cause) {
    throw new InputError(`${source}: ${(cause as Error).message.trimEnd()}`, { cause })
  }
}

/** No input is nested so deeply. Beyond it, whatever follows a value from level to level may run out of stack. */
const maxDepth = 100

/** True for a value that is nested more deeply, or within itself. */
function isTooDeep(input: unknown): boolean {
  let level: ReadonlySet<object> = new Set([{ input }])
  for (let depth = 0; depth <= maxDepth && level.size > 0; depth++) {
    const next = new Set<object>()
    for (const outer of level)
      for (const inner of Object.values(outer)) if (typeof inner === 'object' && inner !== null) next.add(inner)
    level = next
  }
  return level.size > 0
}

/**
 * Returns the input as its schema defines it.
 * @param source the file, for messages
 * @param at the prefix of a message, by the position of the error; default: the source
 * @throws InputError that names each error, what is allowed there, and the nearest known key or word
 */
export function check<Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
  source: string,
  at: (path: readonly PropertyKey[]) => string = () => source,
): z.output<Schema> {
  if (isTooDeep(input)) throw new InputError(`${at([])}: the document is nested more than ${maxDepth} levels deep`)
  const parsed = schema.safeParse(input)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.flatMap((issue) => {
    const keys = issue.code === 'unrecognized_keys' ? issue.keys : [undefined]
    return describe(issue, schema, input).map(
      (problem, index) => `${at([...issue.path, ...(keys[index] === undefined ? [] : [keys[index]])])}: ${problem}`,
    )
  })
  throw new InputError(problems.join('\n'))
}

type Issue = z.core.$ZodIssue

function describe(issue: Issue, schema: z.ZodType, input: unknown): readonly string[] {
  const at = (message: string): string => (issue.path.length === 0 ? message : `${issue.path.join('.')}: ${message}`)
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(schema, issue.path)
    return issue.keys.map((key) => at(`unknown key \`${key}\`: ${hint(key, known)}`))
  }
  const value = issue.path.reduce<unknown>((inner, key) => (inner as Record<PropertyKey, unknown>)?.[key], input)
  if (issue.code === 'invalid_value') {
    const allowed = `must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.join(', ')}`
    const meant = typeof value === 'string' ? nearest(value, issue.values.map(String)) : undefined
    const did = meant === undefined ? '' : `: did you mean ${meant}?`
    return [at(`${allowed}${value === undefined ? '' : `, not ${JSON.stringify(value)}`}${did}`)]
  }
  if (value === undefined && issue.code === 'invalid_type' && issue.path.length > 0) return [at('is missing')]
  const message = issue.message.replace(/^Invalid input: |^Too (small|big): /, '')
  return [issue.path.length === 0 ? `the document: ${message}` : at(message)]
}

function hint(key: string, known: readonly string[]): string {
  const meant = nearest(key, known)
  return meant === undefined ? `known keys: ${known.join(', ')}` : `did you mean \`${meant}\`?`
}

/** The keys that are allowed in the object at a path. */
function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): readonly string[] {
  let places = [z.toJSONSchema(schema, { io: 'input' }) as z.core.JSONSchema.BaseSchema]
  for (const key of path)
    places = places.flatMap(optionsOf).flatMap((place) => {
      const inner = typeof key === 'number' ? place.items : place.properties?.[String(key)]
      return typeof inner === 'object' && !Array.isArray(inner) ? [inner] : []
    })
  return [...new Set(places.flatMap(optionsOf).flatMap(({ properties = {} }) => Object.keys(properties)))]
}

/** A value that may also be null, or of another form, has several schemas. */
function optionsOf(place: z.core.JSONSchema.BaseSchema): readonly z.core.JSONSchema.BaseSchema[] {
  return place.anyOf === undefined ? [place] : place.anyOf.flatMap((one) => optionsOf(one as typeof place))
}
