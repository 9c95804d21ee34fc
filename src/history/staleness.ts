import { featureOf } from '../journal/scenario.ts'
import { duration } from '../text/duration.ts'
import type { ScenarioHistory } from './scenario-history.ts'
import { type NamedScenario, scenarioKeys } from './scenario-key.ts'

/** The project as it is now, which verdicts are compared with. */
export interface PresentProject {
  readonly now: Date
  readonly maxAgeMs: number
  /** The version of dr-drill. */
  readonly version: string
  /** SHA-256 of each feature file that exists now, by its path. */
  readonly features: ReadonlyMap<string, string>
  /** The scenarios that must have a verdict. */
  readonly selected: readonly NamedScenario[]
  /** All scenarios of the feature files that exist now. */
  readonly scenarios: readonly NamedScenario[]
}

/** A scenario that needs a new drill, with the reasons. */
export interface DueScenario extends NamedScenario {
  readonly reasons: readonly string[]
}

/** The scenarios of past runs and of the project, by what is to be done about them. */
export interface Staleness {
  readonly due: readonly DueScenario[]
  /** Past scenarios that their feature file does not hold now. No drill can renew their verdict. */
  readonly removed: readonly NamedScenario[]
  /** The number of scenarios whose verdict was asked about. */
  readonly count: number
}

/** Compares past runs with the project as it is now. */
export function stalenessOf(histories: readonly ScenarioHistory[], present: PresentProject): Staleness {
  const keys = scenarioKeys(present.scenarios)
  const existing = new Set(keys.values())
  const isRemoved = ({ key, last }: ScenarioHistory): boolean =>
    present.features.has(featureOf(last.scenario.location)) && !existing.has(key)
  const [removed, held] = [histories.filter(isRemoved), histories.filter((one) => !isRemoved(one))]
  const known = new Set(held.map(({ key }) => key))
  const neverRan = present.selected.filter(({ location }) => !known.has(keys.get(location) ?? ''))
  const due = [
    ...held.map((one) => ({ ...nameOf(one), reasons: reasonsForNewDrill(one, present) })),
    ...neverRan.map(({ name, location }) => ({ name, location, reasons: ['it never ran'] })),
  ]
  return {
    due: due.filter(({ reasons }) => reasons.length > 0),
    removed: removed.map(nameOf),
    count: held.length + neverRan.length,
  }
}

const nameOf = ({ last: { scenario } }: ScenarioHistory): NamedScenario => ({
  name: scenario.name,
  location: scenario.location,
})

/** Why a scenario needs a new drill. Empty if its last verdict still holds. */
export function reasonsForNewDrill(
  { last, lastPassed }: ScenarioHistory,
  { now, maxAgeMs, version, features }: Omit<PresentProject, 'selected' | 'scenarios'>,
): readonly string[] {
  const reasons: string[] = []
  const { outcome } = last.scenario
  if (outcome !== 'passed') reasons.push(`the last outcome is ${outcome}`)
  const held = lastPassed ?? last
  if (lastPassed === undefined) reasons.push('it never passed')
  const ageMs = now.getTime() - Date.parse(held.run.startedAt)
  if (lastPassed !== undefined && ageMs > maxAgeMs) reasons.push(`it last passed ${days(ageMs)} ago`)
  const file = featureOf(held.scenario.location)
  const digest = features.get(file)
  if (digest === undefined) reasons.push(`${file} does not exist now`)
  else if (held.scenario.featureDigest === undefined) reasons.push(`the journal of its run does not hold ${file}`)
  else if (digest !== held.scenario.featureDigest) reasons.push(`${file} has changed since`)
  if (held.run.version !== version) reasons.push(`it passed with dr-drill ${held.run.version}, and this is ${version}`)
  return reasons
}

const dayMs = 24 * 3600_000

function days(ms: number): string {
  if (ms < 2 * dayMs) return duration(ms)
  return `${Math.floor(ms / dayMs)} days`
}
