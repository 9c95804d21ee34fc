import { readFileSync } from 'node:fs'
import { InputError } from '../errors.ts'
import { check, parseYaml } from '../input/check.ts'
import { checkShape, type Shape, shapeSchema } from './shape.ts'

/**
 * The shape in a file, with what the command line says in its stead.
 * @param asked by the names of the file's keys
 * @throws InputError that names what is wrong
 */
export function readShape(file: string | undefined, asked: Readonly<Record<string, unknown>>): Shape {
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

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new InputError(`${file}: cannot be read: ${(cause as Error).message}`, { cause })
  }
}
