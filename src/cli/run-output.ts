import { join, relative } from 'node:path'
import type { Phase } from '../journal/journal.ts'
import { backgroundTexts } from '../report/background-text.ts'
import { describeFailure, firstFailure } from '../report/first-failure.ts'
import { closingLine, type DrillOverview, runOverview } from '../report/run-overview.ts'
import type { RunResult } from '../run/run.ts'
import type { PlannedScenario } from '../run/suite.ts'
import { duration } from '../text/duration.ts'
import { printable, printableLines } from '../text/printable.ts'

/** Returns what a run prints at its end: the first failure, the time of each phase, the path of the report. */
export function terminalReport({ directory, workers, entries }: RunResult): string {
  const run = runOverview(entries)
  const failure = firstFailure(entries)
  const findings = run.findings.filter(({ verdict }) => verdict !== 'pass')
  const lines = ['']
  if (failure !== undefined) lines.push('First failure:', describeFailure(failure), '')
  for (const { verdict, question, sentence } of findings) lines.push(`${verdict}: ${question}: ${sentence}`)
  lines.push(...run.errors, ...run.notes, ...backgroundTexts(run.drills))
  const times = phaseTotals(run.drills)
  // In parallel, phases take longer together than the run.
  const label = workers === 1 ? 'Phases' : `Phases, summed over ${workers} workers`
  if (times.length > 0) lines.push(`${label}: ${times.map(([phase, ms]) => `${phase} ${duration(ms)}`).join(', ')}`)
  const folder = relative(process.cwd(), directory)
  const path = join(folder.startsWith('..') ? directory : folder, 'summary.md')
  lines.push(`Report: ${path} (${duration(run.durationMs)})`)
  return printableLines([...lines, closingLine(run)].join('\n'))
}

/** Returns the result of a run for programs. */
export function jsonReport({ run, directory, exitCode, entries }: RunResult): object {
  const { drills, retried, findings, errors, notes, counts, startedAt, durationMs } = runOverview(entries)
  const objectives = drills.flatMap((drill) => drill.objectives)
  return {
    run,
    directory,
    exitCode,
    startedAt,
    durationMs,
    counts,
    objectives,
    drills,
    retried,
    findings,
    errors,
    notes,
  }
}

function phaseTotals(drills: readonly DrillOverview[]): readonly (readonly [Phase, number])[] {
  const totals = new Map<Phase, number>()
  for (const { phase, durationMs } of drills.flatMap(({ phases }) => phases)) {
    totals.set(phase, (totals.get(phase) ?? 0) + durationMs)
  }
  return [...totals]
}

/** Returns one line for each scenario: `features/a.feature:12  title`. */
export function scenarioList(scenarios: readonly PlannedScenario[]): readonly string[] {
  return scenarios.map(({ location, name }) => `${location}  ${printable(name)}`)
}
