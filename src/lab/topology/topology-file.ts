import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { InputError } from '../../errors.ts'
import { nearest } from '../../input/nearest.ts'

/**
 * Finds a topology by its name.
 * @param name a path, or a file in the folder
 * @throws InputError that names where it was looked for, and the nearest in the folder
 */
export function readTopologyFile(name: string, folder?: string): string {
  const places = [name, ...(folder === undefined ? [] : [join(folder, name)])]
  for (const place of places) {
    try {
      return readFileSync(place, 'utf8')
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'ENOENT')
        throw new InputError(`the topology ${place} cannot be read: ${(cause as Error).message}`, { cause })
    }
  }
  const meant = folder === undefined ? undefined : nearest(name, filesIn(folder))
  const did = meant === undefined ? '' : `: did you mean ${meant}?`
  throw new InputError(`there is no topology ${places.join(' nor ')}${did}`)
}

function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
