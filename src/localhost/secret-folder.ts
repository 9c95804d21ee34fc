import { accessSync, constants, type Dirent, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { InputError } from '../errors.ts'

/**
 * Returns the paths of the files in a folder of secrets by their names, which are the ids of the secrets. Hidden files and
 * subfolders are none.
 * @throws InputError if it is not a folder that can be read, or if one of the files cannot be a secret
 */
export function secretFilesIn(folder: string): ReadonlyMap<string, string> {
  const names = entriesOf(folder).flatMap((entry) =>
    entry.isDirectory() || entry.name.startsWith('.') ? [] : entry.name,
  )
  const files = names.toSorted().map((name) => [name, join(folder, name)] as const)
  for (const [, file] of files) refuseNoSecret(file)
  return new Map(files)
}

function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch (cause) {
    throw new InputError(`--secrets: ${folder} ${problemOf(cause as NodeJS.ErrnoException)}`, {
      remedy: 'Pass a folder with one file for each secret, named by its id.',
      cause,
    })
  }
}

/** A file that is empty or cannot be read would only be found when the first image needs it. */
function refuseNoSecret(file: string): void {
  const refuse = (problem: string, cause?: unknown) => {
    throw new InputError(`--secrets: ${file} ${problem}`, {
      remedy: 'Replace it with the payload of the secret, or remove it.',
      cause,
    })
  }
  try {
    const stats = statSync(file)
    if (!stats.isFile()) refuse('is not a regular file')
    if (stats.size === 0) refuse('is empty')
    accessSync(file, constants.R_OK)
  } catch (error) {
    if (error instanceof InputError) throw error
    refuse(`cannot be read: ${(error as Error).message}`, error)
  }
}

function problemOf({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT') return 'does not exist'
  return code === 'ENOTDIR' ? 'is not a folder' : `cannot be read: ${message}`
}
