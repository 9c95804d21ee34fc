import { existsSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { InputError } from '../errors.ts'
import { nearest } from '../input/nearest.ts'

/** The journal of a run, and the folder that it is in. */
export interface FoundRun {
  readonly folder: string
  readonly journal: string
}

const journalName = 'journal.ndjson'

/**
 * Finds a run.
 * @param text its id, its folder or its journal. Default: the last run
 * @param reports the folder of all reports, for an id
 * @throws InputError if there is no such run
 */
export function findRun(text: string | undefined, reports: string): FoundRun {
  if (text === undefined) {
    const folder = join(reports, 'latest')
    const journal = join(folder, journalName)
    if (existsSync(journal)) return { folder, journal }
    throw new InputError(`there is no last run: ${journal} does not exist`, {
      remedy: 'Name a run: its id, its folder or its journal.',
    })
  }
  for (const place of [text, join(reports, text)]) {
    const stats = statSync(place, { throwIfNoEntry: false })
    if (stats?.isFile() === true) return { folder: dirname(place), journal: place }
    const journal = join(place, journalName)
    if (stats?.isDirectory() === true && existsSync(journal)) return { folder: place, journal }
  }
  const known = existsSync(reports) ? readdirSync(reports).filter((name) => /^\d/.test(name)) : []
  const meant = nearest(text, known)
  throw new InputError(
    `no run ${JSON.stringify(text)}: neither an id in ${reports}, nor a folder with ${journalName}, nor a journal${
      meant === undefined ? '' : `. Did you mean ${meant}?`
    }`,
  )
}
