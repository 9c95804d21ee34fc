import type { ExitCode } from '../../src/run/exit-code.ts'

/** How one part of the gate came out. */
export interface Tally {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  /** 3 when something could not be judged, although nothing that was judged has failed. */
  readonly exitCode: ExitCode
}

/** A check that is one thing: it passes or it does not. */
export function oneCheck(isPassed: boolean): Tally {
  return { passed: isPassed ? 1 : 0, failed: isPassed ? 0 : 1, skipped: 0, exitCode: isPassed ? 0 : 1 }
}

/** What could not be judged: it has neither passed nor failed. */
export const notJudged: Tally = { passed: 0, failed: 0, skipped: 0, exitCode: 3 }

/** All parts together. Interrupted beats all; a failure that was found beats what could not be judged. */
export function total(tallies: readonly Tally[]): Tally {
  const sum = (of: 'passed' | 'failed' | 'skipped') => tallies.reduce((count, tally) => count + tally[of], 0)
  const exitCode = ([130, 1, 2, 3] as const).find((code) => tallies.some((tally) => tally.exitCode === code)) ?? 0
  return { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped'), exitCode }
}

/** `N passed, N failed`, and what was skipped. */
export function closingLine({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}
