import { featureOf } from '../journal/scenario.ts'
import { duration } from '../text/duration.ts'
import type { ScenarioHistory } from './scenario-history.ts'

/** The project as it is now, which verdicts are compared with. */
export interface PresentProject {
  readonly now: Date
  readonly maxAgeMs: number
  /** The version of dr-drill. */
  readonly version: string
  /** SHA-256 of each feature file that exists now, by its path. */
  readonly features: ReadonlyMap<string, string>
}

/** Why a scenario needs a new drill. Empty if its last verdict still holds. */
export function reasonsForNewDrill(
  { last, lastPassed }: ScenarioHistory,
  { now, maxAgeMs, version, features }: PresentProject,
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
