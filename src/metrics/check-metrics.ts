import type { Resolution } from '../recovery/site/check-nodes.ts'
import { type Gauge, gauge, secondsOf } from './open-metrics.ts'

export interface CheckOutcome {
  readonly site: string
  readonly resolutions: readonly Resolution[]
  readonly exitCode: number
  readonly nowMs: number
}

/** Returns the metrics of a check. A node is ready only if all of its paths resolve, and nothing about it is unknown. */
export function checkMetrics({ site, resolutions, exitCode, nowMs }: CheckOutcome): readonly Gauge[] {
  const byNode = Map.groupBy(resolutions, ({ where }) => where)
  const byState = Map.groupBy(resolutions, ({ state }) => state)
  return [
    gauge('dr_drill_check_timestamp_seconds', 'End of the check.', secondsOf(nowMs)),
    gauge('dr_drill_check_exit_code', 'Exit code of the check.', exitCode),
    {
      name: 'dr_drill_node_ready',
      help: '1 if all mount paths and origin paths lead to their images on the node, 0 if not, or if it is unknown.',
      samples: [...byNode].map(([node, own]) => ({
        labels: { site, node },
        value: own.every(({ state }) => state === 'resolves') ? 1 : 0,
      })),
    },
    {
      name: 'dr_drill_paths',
      help: 'Paths on nodes by their state.',
      samples: [...byState].map(([state, own]) => ({ labels: { site, state }, value: own.length })),
    },
  ]
}
