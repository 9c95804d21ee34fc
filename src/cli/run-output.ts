import { relative } from 'node:path'
import type { Outcome, Phase } from '../journal/journal.ts'
import { describeFailure, firstFailure } from '../report/first-failure.ts'
import { closingLine, type DrillOverview, runOverview } from '../report/run-overview.ts'
import type { RunResult } from '../run/run.ts'
import { duration } from '../text/duration.ts'

/** What a run prints at its end: the first failure whole, the time of each phase, where the report is. */
export function terminalReport({ directory, entries }: RunResult): string {
  const run = runOverview(entries)
  const failure = firstFailure(entries)
  const findings = run.findings.filter(({ verdict }) => verdict !== 'pass')
  const lines = ['']
  if (failure !== undefined) lines.push('First failure:', describeFailure(failure), '')
  for (const { verdict, question, sentence } of findings) lines.push(`${verdict}: ${question}: ${sentence}`)
  lines.push(...run.errors, ...run.notes)
  const times = phaseTotals(run.drills)
  if (times.length > 0) lines.push(`Phases: ${times.map(([phase, ms]) => `${phase} ${duration(ms)}`).join(', ')}`)
  for (const [outcome, count] of Object.entries(run.counts) as [Outcome, number][]) {
    if (count > 0 && outcome === 'unknown') lines.push(`${count} could not be judged`)
  }
  lines.push(`Report: ${relative(process.cwd(), directory) || '.'}/summary.md (${duration(run.durationMs)})`)
  return [...lines, closingLine(run)].join('\n')
}

/** The same for programs. */
export function jsonReport({ run, directory, exitCode, entries }: RunResult): object {
  const { drills, findings, errors, notes, counts, startedAt, durationMs } = runOverview(entries)
  return { run, directory, exitCode, startedAt, durationMs, counts, drills, findings, errors, notes }
}

function phaseTotals(drills: readonly DrillOverview[]): readonly (readonly [Phase, number])[] {
  const totals = new Map<Phase, number>()
  for (const { phase, durationMs } of drills.flatMap(({ phases }) => phases)) {
    totals.set(phase, (totals.get(phase) ?? 0) + durationMs)
  }
  return [...totals]
}
