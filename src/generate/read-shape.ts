import { readFileSync } from 'node:fs'
import { InputError } from '../errors.ts'
import { check, parseYaml } from '../input/schema-check.ts'
import { checkShape, shapeSchema, type TargetShape } from './shape.ts'

/**
 * Reads a shape from a file. Options win over the file.
 * @param asked options by the file's keys
 * @throws InputError
 */
export function readShape(file: string | undefined, asked: Readonly<Record<string, unknown>>): TargetShape {
  const written = file === undefined ? {} : (parseYaml(textOf(file), file) ?? {})
  const source = file ?? 'the shape'
  // An error in the file names the file.
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
 * Reads a shape from a table of a feature. Its rows are the options of `target create` without their dashes. Switches are
 * `yes` or `no`.
 * @throws InputError
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
  throw new InputError(`the shape: ${name} must be yes or no, not ${JSON.stringify(value)}`)
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new InputError(`cannot read ${file}: ${(cause as Error).message}`, {
      remedy: 'Name a YAML file with --shape.',
      cause,
    })
  }
}
