import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { InputError } from '../../errors.ts'
import { nearest } from '../../input/nearest.ts'

/** A topology file that was read. */
export interface TopologySource {
  readonly file: string
  readonly yaml: string
}

/**
 * Reads a topology file.
 * @param name a path, or the name of a file in the folder
 * @throws InputError that lists where it was searched, and the file with the most similar name
 */
export function readTopologyFile(name: string, folder?: string): string {
  const places = [name, ...(folder === undefined ? [] : [join(folder, name)])]
  for (const place of places) {
    try {
      return readFileSync(place, 'utf8')
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'ENOENT')
        throw new InputError(`cannot read the topology ${place}: ${(cause as Error).message}`, { cause })
    }
  }
  const meant = folder === undefined ? undefined : nearest(name, filesIn(folder))
  const suggestion = meant === undefined ? '' : ` (did you mean ${meant}?)`
  throw new InputError(`topology not found: ${places.join(', ')}${suggestion}`)
}

function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
