import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { InputError } from '../errors.ts'
import { readJournal } from '../journal/journal-file.ts'
import { runOverview } from '../report/run-overview.ts'

/** The last run of a project, as its journal has it. */
export interface LastRun {
  readonly run: string
  /** The scenarios that failed or are unknown: `features/a.feature:12`. */
  readonly failed: readonly string[]
}

/**
 * Reads `reports/latest`.
 * @throws InputError if there is no last run, or its journal is not readable
 */
export function readLastRun(reports: string): LastRun {
  const path = join(reports, 'latest', 'journal.ndjson')
  if (!existsSync(path))
    throw new InputError(`there is no last run: ${path} does not exist`, {
      remedy: 'Run without --last-failed first.',
    })
  const { run, drills } = runOverview(readJournal(path).entries)
  const failed = drills.filter(({ outcome }) => outcome === 'failed' || outcome === 'unknown')
  return { run, failed: [...new Set(failed.map(({ location }) => location))] }
}
