import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DrillError } from '../errors.ts'
import type { JournalEntry } from '../journal/journal.ts'
import { writingFailed } from '../journal/journal-file.ts'
import { type ReportWriter, reportFormats } from './index.ts'

/**
 * Writes the reports of a run into a folder. Each is written whatever becomes of the others.
 * @returns one error for each report that could not be written
 */
export async function writeReports(
  folder: string,
  entries: readonly JournalEntry[],
  formats: Readonly<Record<string, ReportWriter>> = reportFormats,
): Promise<readonly DrillError[]> {
  const errors: DrillError[] = []
  for (const [name, writer] of Object.entries(formats)) {
    const path = join(folder, name)
    try {
      await writeFile(path, await writer(entries))
    } catch (error) {
      errors.push(isSystemError(error) ? writingFailed(path, error) : writerFailed(name, error))
      // No report is better than half of one. Ignored if it fails: the error above is the one that counts.
      await rm(path, { force: true }).catch(() => {})
    }
  }
  return errors
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error
}

function writerFailed(name: string, cause: unknown): DrillError {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new DrillError('failure', 'report-failed', `cannot create the report ${name}: ${why}`, {
    cause,
    remedy: 'This is a bug in the writer of this report. The journal is complete: journal.ndjson.',
  })
}
