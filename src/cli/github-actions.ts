import { appendFileSync } from 'node:fs'
import type { JournalEntry } from '../journal/journal.ts'
import { githubAnnotations, githubSummary } from '../report/github.ts'
import { summary } from '../report/summary.ts'

/**
 * In a job of GitHub Actions, annotates the scenarios that failed, and adds the summary of the run to that of the job. A
 * summary that cannot be written is reported, and changes no exit code: the run has it in its reports as well.
 */
export function reportToGithub(
  entries: readonly JournalEntry[],
  write: (bytes: Uint8Array) => void,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): void {
  if (environment.GITHUB_ACTIONS !== 'true') return
  // As bytes, because text that looks like a workflow command is escaped on its way out.
  for (const line of githubAnnotations(entries)) write(Buffer.from(`${line}\n`))
  const file = environment.GITHUB_STEP_SUMMARY
  if (file === undefined || file === '') return
  try {
    appendFileSync(file, githubSummary(summary(entries)))
  } catch (error) {
    write(Buffer.from(`cannot write the summary of the job: ${(error as Error).message}\n`))
  }
}
