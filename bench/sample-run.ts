import { writeFileSync } from 'node:fs'
import type { JournalEntry } from '../src/journal/journal.ts'
import { sampleJournal } from '../src/report/page/sample-journal.fixture.ts'

/** The size of a large run. */
export const scenarioCount = 500
const entryCount = 50_000

/** Entries of a sample scenario without additional commands. */
const basicEntries = 37

/** The drill with most entries. */
export const largestDrill = 7
const entriesOfLargest = 5_000

/**
 * Returns the journal of a large run: 500 scenarios with 50,000 entries.
 * @param outputLines lines in the output of each command. The default gives 47 MB
 */
export function largeJournal(outputLines = 12): readonly JournalEntry[] {
  const others = (entryCount - entriesOfLargest) / (scenarioCount - 1)
  const scenarios = Array.from({ length: scenarioCount }, (_, index) => ({
    tags: [index % 2 === 0 ? '@fast' : '@slow'],
    outcome: index % 50 === 0 ? ('failed' as const) : ('passed' as const),
    moreCommands: Math.round((index === largestDrill ? entriesOfLargest : others) - basicEntries),
    output: `${Array.from({ length: outputLines }, (_line, nth) => `line ${nth} of scenario ${index}: ${'x'.repeat(60)}`).join('\n')}\n`,
  }))
  return sampleJournal(scenarios)
}

/** Writes a journal to a file. */
export function writeJournal(path: string, entries: readonly JournalEntry[]): void {
  writeFileSync(path, journalText(entries))
}

/** Returns a journal in the form in which a run writes it. */
export function journalText(entries: readonly JournalEntry[]): string {
  return entries.map((entry) => `${JSON.stringify(entry)}\n`).join('')
}
