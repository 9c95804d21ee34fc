import { renameSync, symlinkSync } from 'node:fs'
import { basename, join } from 'node:path'
import { DrillError } from '../errors.ts'
import type { JournalEntry } from '../journal/journal.ts'
import { writingFailed } from '../journal/journal-file.ts'
import { makeFolders } from '../localhost/make-folders.ts'
import { writeReports } from '../report/write-reports.ts'

/**
 * Creates `reports/<name>` and returns its path.
 * @throws InputError if it cannot be created there, MachineError if the disk is full or fails
 */
export function createReportFolder(reports: string, name: string): string {
  const folder = join(reports, name)
  try {
    makeFolders(folder)
    return folder
  } catch (error) {
    throw writingFailed(folder, error)
  }
}

/**
 * Writes everything that derives from the journal of a run, and makes it the last one.
 * @returns one error for each report that could not be written
 */
export async function writeRun(
  folder: string,
  entries: readonly JournalEntry[],
  reports: string,
): Promise<readonly DrillError[]> {
  const errors = [...(await writeReports(folder, entries))]
  try {
    linkLatest(reports, basename(folder))
  } catch (error) {
    if (!(error instanceof DrillError)) throw error
    errors.push(error)
  }
  return errors
}

/** Points `reports/latest` to this run. The link is replaced atomically. */
function linkLatest(reports: string, runId: string): void {
  const latest = join(reports, 'latest')
  const next = join(reports, `.latest-${runId}`)
  try {
    symlinkSync(runId, next)
    renameSync(next, latest)
  } catch (error) {
    throw writingFailed(latest, error)
  }
}
