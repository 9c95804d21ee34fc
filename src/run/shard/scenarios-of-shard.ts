import type { Shard } from '../../input/shard.ts'
import { pathsOf } from '../locations.ts'
import type { Durations } from '../parallel/scenario-durations.ts'
import { expectedDuration, groupIntoUnits, type SchedulableScenario } from '../parallel/work-units.ts'
import type { Suite } from '../suite.ts'

/**
 * Returns the locations of the scenarios that a shard runs. Every machine gets the same division from the same scenarios
 * and durations. Features stay together where that does not overload a machine.
 * @param durations of an earlier run. Without them, all scenarios count the same
 */
export function scenariosOfShard(
  scenarios: readonly SchedulableScenario[],
  { number, count }: Shard,
  durations: Durations = new Map(),
): readonly string[] {
  const expectedMs = expectedDuration(durations)
  const shards = Array.from({ length: count }, () => ({ durationMs: 0, locations: [] as string[] }))
  // The longest unit comes first, and goes where the least is.
  for (const unit of groupIntoUnits(scenarios, { workers: count, durations })) {
    const least = shards.reduce((one, other) => (other.durationMs < one.durationMs ? other : one))
    least.locations.push(...unit)
    least.durationMs += expectedMs(unit)
  }
  const own = new Set(shards[number - 1]?.locations)
  return scenarios.map(({ location }) => location).filter((location) => own.has(location))
}

/** Returns the suite with only these of its scenarios. */
export function limitedTo(suite: Suite, locations: readonly string[]): Suite {
  const own = new Set(locations)
  const only = pathsOf(locations)
  return {
    scenarios: suite.scenarios.filter(({ location }) => own.has(location)),
    missing: suite.missing,
    code: suite.code,
    run: (options) => suite.run({ only, ...options }),
  }
}
