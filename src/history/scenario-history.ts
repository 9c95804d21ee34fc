import type { RunRecord, ScenarioRecord } from './run-record.ts'

/** One execution of a scenario, and the run that it belongs to. */
export interface PastExecution {
  readonly run: RunRecord
  readonly scenario: ScenarioRecord
}

/** All executions of one scenario, the oldest first. There is at least one. */
export interface ScenarioHistory {
  readonly key: string
  readonly executions: readonly PastExecution[]
  readonly last: PastExecution
  readonly lastPassed?: PastExecution
  /** True if it both passed and failed with the same feature, own steps, runbooks and version of dr-drill. */
  readonly isUnsteady: boolean
}

/** Returns the history of each scenario in runs, in the order of their keys. */
export function scenarioHistories(runs: readonly RunRecord[]): readonly ScenarioHistory[] {
  const ordered = runs.toSorted((a, b) => a.startedAt.localeCompare(b.startedAt))
  const all = ordered.flatMap((run) => run.scenarios.map((scenario) => ({ run, scenario })))
  const byKey = Map.groupBy(all, ({ scenario }) => scenario.key)
  return [...byKey].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, executions]) => historyOf(key, executions))
}

function historyOf(key: string, executions: readonly PastExecution[]): ScenarioHistory {
  const last = executions.at(-1)
  if (last === undefined) throw new RangeError('a history has an execution')
  const lastPassed = executions.findLast(({ scenario }) => scenario.outcome === 'passed')
  return { key, executions, last, ...(lastPassed && { lastPassed }), isUnsteady: isUnsteady(executions) }
}

function isUnsteady(executions: readonly PastExecution[]): boolean {
  // What people do differs.
  const drills = executions.filter(({ scenario }) => scenario.exercise === undefined)
  const alike = Map.groupBy(drills, ({ run, scenario }) =>
    JSON.stringify([scenario.featureDigest, run.version, run.code, scenario.runbooks]),
  )
  return [...alike.values()].some((some) => {
    const outcomes = new Set(some.map(({ scenario }) => scenario.outcome))
    return outcomes.has('passed') && outcomes.has('failed')
  })
}
