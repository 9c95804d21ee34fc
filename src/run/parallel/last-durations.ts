import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readJournal } from '../../journal/journal-file.ts'
import { type Durations, durationsOf } from './units.ts'

/** How long the scenarios of the last run took, as far as its journal tells. */
export function lastDurations(reports: string): Durations {
  const path = join(reports, 'latest', 'journal.ndjson')
  try {
    return existsSync(path) ? durationsOf(readJournal(path).entries) : new Map()
  } catch {
    // It only decides what comes first.
    return new Map()
  }
}
