import { featureOf } from '../../journal/scenario.ts'
import type { PlannedScenario } from '../suite.ts'
import type { Durations } from './scenario-durations.ts'

/** Work for one process: locations of scenarios, in the order in which they are written. */
export type WorkUnit = readonly string[]

/** A scenario as scheduling sees it. */
export type SchedulableScenario = Omit<PlannedScenario, 'name'>

export interface SchedulingOptions {
  /** Number of worker processes. */
  readonly workers: number
  /** Durations in an earlier run. A scenario without one counts as typical. */
  readonly durations?: Durations
}

/** How far a unit may exceed the fair share of one worker, to keep scenarios with a shared background together. */
const tolerance = 1.2

/**
 * Groups scenarios into units: one for each feature, or one for several features that share a background, unless that is
 * too much for one worker. The longest unit comes first, so that no worker starts it last while the others are idle.
 */
export function groupIntoUnits(
  scenarios: readonly SchedulableScenario[],
  { workers, durations = new Map() }: SchedulingOptions,
): readonly WorkUnit[] {
  const expectedMs = expectedDuration(durations)
  const maxMs = (expectedMs(scenarios.map(({ location }) => location)) / workers) * tolerance
  const features = [...Map.groupBy(scenarios, ({ location }) => featureOf(location)).values()]
  const groups = Map.groupBy(features, (feature) => sharedBackground(feature) ?? feature)
  const units = [...groups.values()].flatMap((group): readonly WorkUnit[] => {
    const apart = group.map((feature) => feature.map(({ location }) => location))
    return expectedMs(apart.flat()) <= maxMs ? [apart.flat()] : apart
  })
  return units.sort((a, b) => expectedMs(b) - expectedMs(a))
}

/** Returns how long a unit will take: a scenario without an earlier duration counts as typical. */
export function expectedDuration(durations: Durations): (unit: WorkUnit) => number {
  const known = [...durations.values()].sort((a, b) => a - b)
  const typicalMs = known[known.length >> 1] ?? 1
  return (unit) => unit.reduce((sum, location) => sum + (durations.get(location) ?? typicalMs), 0)
}

/** The background that all of these scenarios share, if there is one. */
function sharedBackground(scenarios: readonly SchedulableScenario[]): string | undefined {
  const [first] = scenarios
  return scenarios.every(({ background }) => background === first?.background) ? first?.background : undefined
}
