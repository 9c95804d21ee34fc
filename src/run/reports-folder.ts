import { renameSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { writingFailed } from '../journal/journal-file.ts'
import { makeFolders } from '../localhost/make-folders.ts'

/**
 * Makes `reports/<run id>`.
 * @throws InputError when it cannot be made there, MachineError when the disk is full or fails
 */
export function makeFolder(reports: string, runId: string): string {
  const folder = join(reports, runId)
  try {
    makeFolders(folder)
    return folder
  } catch (error) {
    throw writingFailed(folder, error)
  }
}

/** Makes `reports/latest` lead to this run, without a moment in which it leads nowhere. */
export function switchLatest(reports: string, runId: string): void {
  const latest = join(reports, 'latest')
  const next = join(reports, `.latest-${runId}`)
  try {
    symlinkSync(runId, next)
    renameSync(next, latest)
  } catch (error) {
    throw writingFailed(latest, error)
  }
}
