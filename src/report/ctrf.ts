import type { JournalEntry, Outcome } from '../journal/journal.ts'
import { featureOf } from '../journal/scenario.ts'
import { printable, printableLines } from '../text/printable.ts'
import { commandsText } from './drill-commands.ts'
import { describeFailure, failureOfDrill } from './first-failure.ts'
import { type DrillOverview, runOverview } from './run-overview.ts'

/** CTRF knows no *unknown*. Its `other` is neither passed nor failed, and `rawStatus` has our word. */
const statuses = {
  passed: 'passed',
  failed: 'failed',
  unknown: 'other',
  'not run': 'skipped',
} as const satisfies Record<Outcome, string>

/** Returns `ctrf.json`, in the Common Test Report Format (https://ctrf.io). */
export function ctrf(entries: readonly JournalEntry[]): string {
  const run = runOverview(entries)
  const { passed, failed, unknown, 'not run': skipped } = run.counts
  const ofDrill = Map.groupBy(entries, ({ drill }) => drill)
  const start = momentOf(entries[0])
  const report = {
    reportFormat: 'CTRF',
    specVersion: '0.0.0',
    runId: run.run,
    timestamp: entries.at(-1)?.at ?? new Date(0).toISOString(),
    generatedBy: `dr-drill ${run.version}`,
    results: {
      tool: { name: 'dr-drill', version: run.version },
      summary: {
        ...{ tests: run.drills.length, passed, failed, skipped, pending: 0, other: unknown },
        suites: new Set(run.drills.map(({ feature, location }) => `${featureOf(location)}\n${feature}`)).size,
        ...{ start, stop: start + run.durationMs, duration: run.durationMs },
        extra: { exitCode: run.exitCode ?? null, errors: run.errors, notes: run.notes, findings: run.findings },
      },
      tests: run.drills.map((drill) => ({
        ...testOf(drill, ofDrill.get(drill.id) ?? [], entries),
        ...retriesOf(drill, run.retried),
      })),
      environment: { testEnvironment: run.kernels.map((kernel) => `lab with Linux ${kernel}`).join(', ') },
    },
  }
  return `${JSON.stringify(report, printableValue, 2)}\n`
}

function testOf(drill: DrillOverview, own: readonly JournalEntry[], entries: readonly JournalEntry[]): object {
  const { name, feature, location, outcome, why, durationMs, findings, phases, background } = drill
  const start = momentOf(own[0])
  const failure = failureOfDrill(entries, drill.id)
  const output = commandsText(own)
  const line = Number(/:(\d+)$/.exec(location)?.[1])
  return {
    name,
    status: statuses[outcome],
    rawStatus: outcome,
    suite: [feature],
    ...{ start, stop: start + durationMs, duration: durationMs },
    ...(why !== undefined && { message: why }),
    ...(failure !== undefined && { trace: describeFailure(failure) }),
    filePath: featureOf(location),
    ...(line > 0 && { line }),
    ...(output !== '' && { stdout: output.split('\n') }),
    extra: { findings, phases, ...(background && { background }) },
  }
}

function retriesOf(drill: DrillOverview, retried: readonly DrillOverview[]): object {
  const retries = retried.filter(({ location }) => location === drill.location).length
  return retries === 0 ? {} : { retries, flaky: drill.outcome === 'passed' }
}

const printableValue = (_key: string, value: unknown): unknown => {
  if (typeof value !== 'string') return value
  return value.includes('\n') ? printableLines(value) : printable(value)
}

const momentOf = (entry: JournalEntry | undefined): number => (entry === undefined ? 0 : Date.parse(entry.at))
