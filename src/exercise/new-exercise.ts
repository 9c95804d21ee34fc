import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { InputError } from '../errors.ts'
import { makeFolders } from '../localhost/make-folders.ts'
import type { ExercisePlaces } from './exercise-file.ts'

/** The exercise that a new one begins as. */
const model = 'the-page-by-the-book'

/**
 * Writes the two files of a new exercise into the folder `exercises` of a project: a copy of the easiest one, to edit.
 * Returns their paths, relative to the project.
 * @throws InputError for a wrong name, or if one of the files exists
 */
export function createExercise(name: string, { project, shipped }: ExercisePlaces): readonly string[] {
  if (!/^[a-z0-9][a-z0-9-]{0,60}$/.test(name))
    throw new InputError(
      `the name of an exercise must be lower-case letters, digits and dashes, not ${JSON.stringify(name)}`,
    )
  const files = ['feature', 'yaml'].map((ending) => join('exercises', `${name}.${ending}`))
  const existing = files.filter((file) => existsSync(join(project, file)))
  if (existing.length > 0)
    throw new InputError(`nothing was written, because these files exist: ${existing.join(', ')}`, {
      remedy: 'Choose another name.',
    })
  makeFolders(join(project, 'exercises'), 0o755)
  for (const file of files) {
    const content = readFileSync(join(shipped, `${model}${file.slice(file.lastIndexOf('.'))}`), 'utf8')
    try {
      writeFileSync(join(project, file), content, { flag: 'wx' })
    } catch (cause) {
      throw new InputError(`cannot write ${file}: ${(cause as Error).message}`, { cause })
    }
  }
  return files
}
