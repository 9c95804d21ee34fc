import { type Blame, DrillError, lackOfResources } from '../errors.ts'
import { retriedDrills } from '../journal/attempts.ts'
import type { JournalEntry } from '../journal/journal.ts'

export type ExitCode = 0 | 1 | 2 | 3 | 130

const byBlame: Readonly<Record<Blame, ExitCode>> = { failure: 1, input: 2, machine: 3, interrupted: 130 }

/** Returns the exit code for an error that ended a command: 3 for a bug, which says nothing about what was judged. */
export function exitCodeOfError(error: unknown): ExitCode {
  // A file that cannot be opened for lack of descriptors is not wrong.
  if (lackOfResources(error) !== undefined) return 3
  return error instanceof DrillError ? byBlame[error.blame] : 3
}

export interface ExitCodeOptions {
  /** True if drills that were not run do not fail the run. */
  readonly allowNotRun?: boolean
}

/**
 * Returns the exit code of a run, from its journal. The last attempt of a scenario counts. Interrupted comes first. A
 * failure comes before unknown: it stays true whatever the verdict on the rest would have been. Wrong input that only a
 * drill finds makes that drill unknown.
 */
export function exitCodeOfRun(entries: readonly JournalEntry[], options: ExitCodeOptions = {}): ExitCode {
  const codes = new Set<ExitCode>()
  const open = new Set<string | undefined>()
  const retried = retriedDrills(entries)
  for (const entry of entries) {
    if (entry.kind === 'error' && entry.blame === 'interrupted') codes.add(130)
    if (entry.drill !== undefined && retried.has(entry.drill)) continue
    if (entry.kind === 'error' && entry.drill === undefined)
      codes.add(entry.code === 'unexpected' ? 3 : byBlame[entry.blame])
    if (entry.kind === 'finding' && entry.drill === undefined) {
      if (entry.finding.verdict !== 'pass') codes.add(entry.finding.verdict === 'fail' ? 1 : 3)
    }
    if (entry.kind === 'drill-started') open.add(entry.drill)
    if (entry.kind === 'drill-ended') {
      open.delete(entry.drill)
      if (entry.outcome === 'failed') codes.add(1)
      if (entry.outcome === 'unknown') codes.add(3)
      if (entry.outcome === 'not run' && options.allowNotRun !== true) codes.add(3)
    }
  }
  if (open.size > 0) codes.add(3)
  return ([130, 1, 2, 3] as const).find((code) => codes.has(code)) ?? 0
}
