import { readFileSync } from 'node:fs'
import { InputError } from '../errors.ts'
import { check, parseYaml } from '../input/schema-check.ts'
import { checkShape, shapeSchema, type TargetShape } from './shape.ts'

/**
 * The shape in a file, with what the command line says in its stead.
 * @param asked by the names of the file's keys
 * @throws InputError that names what is wrong
 */
export function readShape(file: string | undefined, asked: Readonly<Record<string, unknown>>): TargetShape {
  const written = file === undefined ? {} : (parseYaml(textOf(file), file) ?? {})
  const source = file ?? 'the shape'
  // What the file itself has wrong is told of the file.
  if (file !== undefined) check(shapeSchema, written, file)
  const shape = check(
    shapeSchema,
    { ...(written as object), ...asked },
    Object.keys(asked).length > 0 ? 'the shape' : source,
  )
  checkShape(shape, source)
  return shape
}

/**
 * The shape in a table of a feature: the options of `target create` without their dashes, a row each; what is only there
 * or not is `yes`.
 * @throws InputError that names what is wrong
 */
export function readShapeTable({ 'with-data': withData, ...rows }: Readonly<Record<string, string>>): {
  readonly shape: TargetShape
  readonly hasData: boolean
} {
  const asked = Object.entries(rows).map(([name, value]): [string, unknown] => {
    const key = name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase())
    return [key, key === 'networks' ? isYes(name, value) : value]
  })
  return {
    shape: readShape(undefined, Object.fromEntries(asked)),
    hasData: withData !== undefined && isYes('with-data', withData),
  }
}

function isYes(name: string, value: string): boolean {
  if (value === 'yes' || value === 'no') return value === 'yes'
  throw new InputError(`the shape: ${name}: must be yes or no, not ${JSON.stringify(value)}`)
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new InputError(`${file}: cannot be read: ${(cause as Error).message}`, { cause })
  }
}
