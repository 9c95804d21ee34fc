import { renameSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { writingFailed } from '../journal/journal-file.ts'
import { makeFolders } from '../localhost/make-folders.ts'

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

/** Points `reports/latest` to this run. The link is replaced atomically. */
export function linkLatest(reports: string, runId: string): void {
  const latest = join(reports, 'latest')
  const next = join(reports, `.latest-${runId}`)
  try {
    symlinkSync(runId, next)
    renameSync(next, latest)
  } catch (error) {
    throw writingFailed(latest, error)
  }
}
