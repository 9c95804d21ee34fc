import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { InputError } from '../errors.ts'

/**
 * Returns the paths of the files in a folder of secrets by their names, which are the ids of the secrets.
 * @throws InputError if it is not a folder that can be read
 */
export function secretFilesIn(folder: string): ReadonlyMap<string, string> {
  try {
    const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => !entry.isDirectory())
    return new Map(files.map(({ name }) => [name, join(folder, name)]))
  } catch (cause) {
    throw new InputError(`--secrets: ${folder} ${problemOf(cause as NodeJS.ErrnoException)}`, {
      remedy: 'Pass a folder with one file for each secret, named by its id.',
      cause,
    })
  }
}

function problemOf({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT') return 'does not exist'
  return code === 'ENOTDIR' ? 'is not a folder' : `cannot be read: ${message}`
}
