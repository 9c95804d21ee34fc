import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { JournalEntry } from '../../journal/journal.ts'
import { readJournal } from '../../journal/journal-file.ts'

/** The duration of each scenario in milliseconds, by location. */
export type Durations = ReadonlyMap<string, number>

/** Returns the durations of the scenarios in the last run; empty if its journal is missing or unreadable. */
export function lastDurations(reports: string): Durations {
  const path = join(reports, 'latest', 'journal.ndjson')
  try {
    return existsSync(path) ? durationsOf(readJournal(path).entries) : new Map()
  } catch {
    // Durations only decide the order of work.
    return new Map()
  }
}

/** Returns the duration of each scenario in a journal that was run. */
export function durationsOf(entries: readonly JournalEntry[]): Durations {
  const started = new Map<string | undefined, { readonly location: string; readonly atMs: number }>()
  const durations = new Map<string, number>()
  for (const entry of entries) {
    if (entry.kind === 'drill-started')
      started.set(entry.drill, { location: entry.location, atMs: Date.parse(entry.at) })
    const start = started.get(entry.drill)
    if (entry.kind === 'drill-ended' && entry.outcome !== 'not run' && start !== undefined)
      durations.set(start.location, Date.parse(entry.at) - start.atMs)
  }
  return durations
}
