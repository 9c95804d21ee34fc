import { featureOf } from '../journal/scenario.ts'
import { duration } from '../text/duration.ts'
import type { FileDigests } from './changed-files.ts'
import { changesBetween, groundOf } from './changes-since.ts'
import type { PastExecution, ScenarioHistory } from './scenario-history.ts'
import { type NamedScenario, scenarioKeys } from './scenario-key.ts'

/** The project as it is now, which verdicts are compared with. */
export interface PresentProject {
  readonly now: Date
  readonly maxAgeMs: number
  /** The version of dr-drill. */
  readonly version: string
  /** The digest of the recipe of the guest image. */
  readonly guestImage: string
  /** SHA-256 of each feature file that exists now, by its path. */
  readonly features: ReadonlyMap<string, string>
  /** SHA-256 of each topology file that exists now, by its name in features. */
  readonly topologies: ReadonlyMap<string, string>
  /** SHA-256 of the project's own steps, and of what they import, by path. */
  readonly code: FileDigests
  /** SHA-256 of those files of past runbooks that exist now, by path. */
  readonly runbooks: FileDigests
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
  /** When the first verdict that holds now expires. Undefined if none does. ISO 8601, UTC. */
  readonly nextDue?: string
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
    ...held.map((one) => ({
      ...{ ...nameOf(one), reasons: reasonsForNewDrill(one, present) },
      expiresAt: expiryOf(one, present.maxAgeMs),
    })),
    ...neverRan.map(({ name, location }) => ({
      ...{ name, location, reasons: ['it never ran'] },
      expiresAt: undefined,
    })),
  ]
  const expiries = due.flatMap(({ reasons, expiresAt }) => (reasons.length > 0 ? [] : (expiresAt ?? []))).sort()
  return {
    due: due.flatMap(({ name, location, reasons }) => (reasons.length > 0 ? [{ name, location, reasons }] : [])),
    removed: removed.map(nameOf),
    count: held.length + neverRan.length,
    ...(expiries[0] !== undefined && { nextDue: expiries[0] }),
  }
}

const nameOf = ({ last: { scenario } }: ScenarioHistory): NamedScenario => ({
  name: scenario.name,
  location: scenario.location,
})

/** Returns when the last verdict of a scenario that passed expires. Undefined if it never passed. ISO 8601, UTC. */
function expiryOf({ lastPassed }: ScenarioHistory, maxAgeMs: number): string | undefined {
  if (lastPassed === undefined) return undefined
  const at = new Date(Date.parse(lastPassed.run.startedAt) + maxAgeMs)
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString()
}

/** Why a scenario needs a new drill. Empty if its last verdict still holds. */
export function reasonsForNewDrill(
  { last, lastPassed }: ScenarioHistory,
  {
    now,
    maxAgeMs,
    version,
    guestImage,
    features,
    topologies,
    code,
    runbooks,
  }: Omit<PresentProject, 'selected' | 'scenarios'>,
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
  // Exercises of dr-drill are in no project.
  const isOfProject = held.scenario.exercise === undefined
  if (digest === undefined && isOfProject) reasons.push(`${file} does not exist now`)
  if (digest !== undefined && held.scenario.featureDigest === undefined)
    reasons.push(`the journal of its run does not hold ${file}`)
  for (const name of Object.keys(held.scenario.topologies))
    if (!topologies.has(name)) reasons.push(`the topology ${name} does not exist now`)
  reasons.push(...missingFromJournal(held, code))
  const own = Object.keys(held.scenario.runbooks ?? {}).flatMap((file) => {
    const now = runbooks[file]
    return now === undefined ? [] : [[file, now] as const]
  })
  // The kernel of a guest image is known only once it runs.
  const grounds = { version, guestImage, code, topologies, runbooks: Object.fromEntries(own) }
  const present = { ...grounds, featureDigest: digest, kernels: [] }
  reasons.push(...changesBetween(held.scenario, groundOf(held.run, held.scenario), present))
  // What changed between both may be why it does not pass any more.
  if (lastPassed !== undefined && lastPassed !== last) {
    const changes = changesBetween(
      held.scenario,
      groundOf(lastPassed.run, lastPassed.scenario),
      groundOf(last.run, last.scenario),
    )
    const why = changes.length === 0 ? 'no recorded change' : changes.join(', ')
    reasons.push(`since it passed in ${lastPassed.run.run}: ${why}`)
  }
  return reasons
}

/** What cannot be compared, because an older version wrote the journal. */
function missingFromJournal({ run, scenario }: PastExecution, code: FileDigests): readonly string[] {
  const [first, ...more] = Object.keys(code)
  const steps = more.length === 0 ? first : `${first} and ${more.length} more files`
  return [
    ...(run.code === undefined && first !== undefined ? [`the journal of its run does not record ${steps}`] : []),
    ...(scenario.runbooks === undefined ? ['the journal of its run does not record the files of its runbooks'] : []),
  ]
}

const dayMs = 24 * 3600_000

function days(ms: number): string {
  if (ms < 2 * dayMs) return duration(ms)
  return `${Math.floor(ms / dayMs)} days`
}
