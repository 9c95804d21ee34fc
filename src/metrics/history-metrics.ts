import type { ScenarioHistory } from '../history/scenario-history.ts'
import type { Staleness } from '../history/staleness.ts'
import { type Gauge, gauge, secondsOf } from './open-metrics.ts'

/** Returns the metrics of past runs: when each scenario passed last, and how many need a new drill. */
export function historyMetrics(histories: readonly ScenarioHistory[], { due, count }: Staleness): readonly Gauge[] {
  return [
    gauge('dr_drill_scenarios_due', 'Scenarios that need a new drill.', due.length),
    gauge('dr_drill_scenarios_known', 'Scenarios that must have a verdict.', count),
    {
      name: 'dr_drill_scenario_last_passed_timestamp_seconds',
      help: 'Start of the last run in which the scenario passed.',
      samples: histories.flatMap(({ lastPassed, last: { scenario } }) =>
        lastPassed === undefined
          ? []
          : [
              {
                labels: { location: scenario.location, scenario: scenario.name },
                value: secondsOf(lastPassed.run.startedAt),
              },
            ],
      ),
    },
  ]
}
