// The menu of reports that a run writes: file name → writer. Adding a format takes one new file and one line here.
import type { JournalEntry } from '../journal/journal.ts'
import { ctrf } from './ctrf.ts'
import { messages } from './cucumber-messages.ts'
import { junit } from './junit.ts'
import { page } from './page/page.ts'
import { summary } from './summary.ts'

/** Writes one report from the entries of a journal, and from nothing else: any journal can be reported again. */
export type ReportWriter = (entries: readonly JournalEntry[]) => ReportContent | Promise<ReportContent>

/** The content of a report: all of it, or piece by piece. */
export type ReportContent = string | AsyncIterable<string>

export const reportFormats: Readonly<Record<string, ReportWriter>> = {
  'summary.md': summary,
  'junit.xml': junit,
  'ctrf.json': ctrf,
  'index.html': page,
  'messages.ndjson': messages,
}
