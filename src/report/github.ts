import type { JournalEntry } from '../journal/journal.ts'
import { printable, printableLines } from '../text/printable.ts'
import { type DrillOverview, runOverview } from './run-overview.ts'

/** GitHub shows so many annotations of a kind for each step of a job, and drops the others. */
const maxAnnotations = 10
/** GitHub refuses a longer summary of a step as a whole. */
const maxSummaryBytes = 1024 * 1024

/**
 * Returns the annotations of a run for GitHub Actions: one workflow command for each scenario that failed or is unknown,
 * at its file and line, and for each problem of the run itself. See GitHub's "Workflow commands".
 */
export function githubAnnotations(entries: readonly JournalEntry[]): readonly string[] {
  const { drills, errors, findings } = runOverview(entries)
  const bad = drills.filter(({ outcome }) => outcome === 'failed' || outcome === 'unknown')
  const own = [
    ...errors,
    ...findings.filter(({ verdict }) => verdict !== 'pass').map(({ question, sentence }) => `${question}: ${sentence}`),
  ]
  const all = [...bad.map(ofDrill), ...own.map((text) => command({ title: 'dr-drill' }, text))]
  if (all.length <= maxAnnotations) return all
  const left = all.length - maxAnnotations + 1
  return [
    ...all.slice(0, maxAnnotations - 1),
    command({ title: 'dr-drill' }, `${left} more problems are in summary.md.`),
  ]
}

/** Returns as much of `summary.md` as GitHub accepts for the summary of a step. */
export function githubSummary(markdown: string): string {
  const bytes = Buffer.from(markdown)
  if (bytes.length <= maxSummaryBytes) return markdown
  const end = '\n\nThe rest is in summary.md.\n'
  // The last line is left out, as it may be cut within a character.
  const kept = bytes.subarray(0, maxSummaryBytes - Buffer.byteLength(end)).toString('utf8')
  return `${kept.slice(0, kept.lastIndexOf('\n'))}${end}`
}

function ofDrill({ name, location, outcome, why = '' }: DrillOverview): string {
  const [, file = location, line] = /^(.*):(\d+)$/.exec(location) ?? []
  return command({ file, ...(line && { line }), title: `${outcome}: ${name}` }, why)
}

function command(properties: Readonly<Record<string, string>>, message: string): string {
  const written = Object.entries(properties).map(([key, value]) => `${key}=${inProperty(value)}`)
  return `::error ${written.join(',')}::${inData(message)}`
}

const inData = (text: string): string =>
  printableLines(text).replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')

const inProperty = (text: string): string =>
  printable(text).replaceAll('%', '%25').replaceAll(':', '%3A').replaceAll(',', '%2C')
