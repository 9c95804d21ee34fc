import type { ExitCode } from '../../src/run/exit-code.ts'

/** The counts of one part of the tests, or of several. */
export interface Tally {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  /** 3 if a result is unknown and none is a failure. */
  readonly exitCode: ExitCode
}

/** The tally of a part that is a single check. */
export function oneCheck(isPassed: boolean): Tally {
  return { passed: isPassed ? 1 : 0, failed: isPassed ? 0 : 1, skipped: 0, exitCode: isPassed ? 0 : 1 }
}

/** The tally of a part that could not run, so that its result is unknown. */
export const unknownTally: Tally = { passed: 0, failed: 0, skipped: 0, exitCode: 3 }

/** The sum of tallies. Of their exit codes, 130 takes precedence over 1, and 1 over 3. */
export function total(tallies: readonly Tally[]): Tally {
  const sum = (of: 'passed' | 'failed' | 'skipped') => tallies.reduce((count, tally) => count + tally[of], 0)
  const exitCode = ([130, 1, 2, 3] as const).find((code) => tallies.some((tally) => tally.exitCode === code)) ?? 0
  return { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped'), exitCode }
}

/** `N passed, N failed`, with `, N skipped` if there are any. */
export function closingLine({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}
