import type { JournalEntry, Phase } from '../journal/journal.ts'
import { type DrillOverview, runOverview } from '../report/run-overview.ts'
import { type Gauge, gauge, secondsOf } from './open-metrics.ts'

/** Returns the metrics of a run, from its journal. */
export function runMetrics(entries: readonly JournalEntry[]): readonly Gauge[] {
  const { counts, drills, durationMs, exitCode } = runOverview(entries)
  const phases = new Map<Phase, number>()
  for (const { phase, durationMs: ms } of drills.flatMap((drill) => drill.phases))
    phases.set(phase, Math.max(phases.get(phase) ?? 0, ms))
  return [
    gauge('dr_drill_run_timestamp_seconds', 'End of the last run.', secondsOf(entries.at(-1)?.at ?? 0)),
    gauge('dr_drill_run_duration_seconds', 'Duration of the last run.', durationMs / 1000),
    ...(exitCode === undefined ? [] : [gauge('dr_drill_run_exit_code', 'Exit code of the last run.', exitCode)]),
    {
      name: 'dr_drill_scenarios',
      help: 'Scenarios of the last run by outcome.',
      samples: Object.entries(counts).map(([outcome, value]) => ({ labels: { outcome }, value })),
    },
    {
      name: 'dr_drill_scenario_passed',
      help: '1 if the scenario passed in the last run, 0 if it failed, is unknown or was not run.',
      samples: drills.map((drill) => ({ labels: scenario(drill), value: drill.outcome === 'passed' ? 1 : 0 })),
    },
    ...objectives(drills),
    {
      name: 'dr_drill_phase_duration_seconds',
      help: 'Duration of a phase in the scenario where it took longest.',
      samples: [...phases].map(([phase, ms]) => ({ labels: { phase }, value: ms / 1000 })),
    },
  ]
}

const scenario = ({ location, name }: DrillOverview) => ({ location, scenario: name })

function objectives(drills: readonly DrillOverview[]): readonly Gauge[] {
  const all = drills.flatMap((drill) =>
    drill.objectives.map((one) => ({
      ...one,
      labels: { ...scenario(drill), objective: one.name, workload: one.workload ?? '' },
    })),
  )
  return [
    {
      name: 'dr_drill_objective_met',
      help: '1 if the objective was measured and met in the last run, 0 if not.',
      samples: all.map(({ labels, verdict }) => ({ labels, value: verdict === 'pass' ? 1 : 0 })),
    },
    {
      name: 'dr_drill_objective_required_seconds',
      help: 'Required recovery time or recovery point.',
      samples: all.map(({ labels, requiredMs }) => ({ labels, value: requiredMs / 1000 })),
    },
    {
      name: 'dr_drill_objective_measured_seconds',
      help: 'Measured recovery time or recovery point of the last run.',
      samples: all.flatMap(({ labels, measuredMs }) =>
        measuredMs === undefined ? [] : [{ labels, value: measuredMs / 1000 }],
      ),
    },
  ]
}
