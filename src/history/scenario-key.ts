import { featureOf } from '../journal/scenario.ts'

/** A scenario, and where it begins: `features/a.feature:12`. */
export interface NamedScenario {
  readonly name: string
  readonly location: string
}

/**
 * Returns the key of each scenario by its location: its feature file and its name, so that it keeps its key when lines are
 * added above it. Scenarios of one name, such as the examples of an outline, are numbered in the order of their lines.
 * @param scenarios all scenarios of their files; one may be in the list several times
 */
export function scenarioKeys(scenarios: readonly NamedScenario[]): ReadonlyMap<string, string> {
  const alike = Map.groupBy(scenarios, ({ name, location }) => `${featureOf(location)} ${name}`)
  return new Map([...alike].flatMap(([key, some]) => numbered(key, [...new Set(some.map(({ location }) => location))])))
}

function numbered(key: string, locations: readonly string[]): readonly (readonly [string, string])[] {
  const ordered = locations.toSorted((a, b) => lineOf(a) - lineOf(b))
  return ordered.map((location, nth) => [location, nth === 0 ? key : `${key} (${nth + 1})`])
}

const lineOf = (location: string): number => Number(/:(\d+)$/.exec(location)?.[1] ?? 0)
