import { createHash } from 'node:crypto'
import type { Envelope } from '../journal/envelope.ts'
import type { JournalEntry, Outcome, Phase } from '../journal/journal.ts'
import { featureOf, scenarioOf } from '../journal/scenario.ts'
import { type MeasuredObjective, objectiveTitle } from '../report/measured-objectives.ts'
import { runOverview } from '../report/run-overview.ts'
import { Redactor } from '../text/redact.ts'
import { topologyFile } from '../verdict/observation/node-facts.ts'
import { runbookEnds, runbookFiles } from '../verdict/observation/runbook-end.ts'
import type { FileDigests } from './changed-files.ts'
import { type PastExercise, pastExercise } from './past-exercise.ts'
import { type NamedScenario, scenarioKeys } from './scenario-key.ts'

/** One scenario in one run. */
export interface ScenarioRecord {
  /** See `scenarioKeys`. */
  readonly key: string
  readonly location: string
  readonly name: string
  readonly outcome: Outcome
  readonly why?: string
  readonly durationMs: number
  readonly phases: readonly { readonly phase: Phase; readonly durationMs: number }[]
  readonly objectives: readonly ObjectiveRecord[]
  /** SHA-256 of each topology file that it brought up, by the name in its feature. */
  readonly topologies: Readonly<Record<string, string>>
  /** SHA-256 of each file of the project that its runbooks name. Undefined if it ran one, and the journal does not have it. */
  readonly runbooks?: FileDigests
  /** SHA-256 of the feature file as it was read for the run. Undefined if the journal has no text of it. */
  readonly featureDigest?: string
  /** Undefined for a scenario in which no team worked. */
  readonly exercise?: PastExercise
}

/** An objective of a scenario in one run. */
export interface ObjectiveRecord {
  /** `recovery time of "web"` */
  readonly title: string
  readonly requiredMs: number
  /** Undefined if it could not be measured. */
  readonly measuredMs?: number
  readonly verdict: 'pass' | 'fail' | 'unknown'
}

/** A run, as its journal has it. */
export interface RunRecord {
  readonly run: string
  readonly version: string
  /** ISO 8601, UTC. */
  readonly startedAt: string
  readonly durationMs: number
  /** Undefined if the run was killed. */
  readonly exitCode?: number
  readonly kernels: readonly string[]
  /** SHA-256 of the project's own steps, and of what they import. Undefined in journals of older versions. */
  readonly code?: FileDigests
  /** The digest of the recipe of its guest image. Undefined without a lab, and in journals of older versions. */
  readonly guestImage?: string
  readonly counts: Readonly<Record<Outcome, number>>
  readonly scenarios: readonly ScenarioRecord[]
}

/** Returns the record of a run from its journal. */
export function runRecord(entries: readonly JournalEntry[]): RunRecord {
  const { run, version, startedAt, durationMs, exitCode, kernels, counts, drills } = runOverview(entries)
  const digests = featureDigests(entries)
  const topologies = topologiesOf(entries)
  const guestImage = guestImageOf(entries)
  const code = entries.find((entry) => entry.kind === 'environment')?.environment.code
  const ofDrill = Map.groupBy(entries, ({ drill }) => drill)
  const keys = scenarioKeys([...pickled(entries), ...drills])
  return {
    ...{ run, version, startedAt, durationMs, kernels, counts },
    ...(exitCode !== undefined && { exitCode }),
    ...(guestImage !== undefined && { guestImage }),
    ...(code && { code }),
    scenarios: drills.map(({ id, name, location, outcome, why, durationMs: ms, phases, objectives }) => {
      const file = featureOf(location)
      const featureDigest = digests.get(file)
      const own = ofDrill.get(id) ?? []
      const runbooks = runbooksOf(own)
      const exercise = pastExercise(own)
      return {
        key: keys.get(location) ?? `${file} ${name}`,
        ...{ location, name, outcome, durationMs: ms, phases },
        objectives: objectives.map(objectiveRecord),
        topologies: topologies.get(id) ?? {},
        ...(runbooks && { runbooks }),
        ...(why !== undefined && { why }),
        ...(featureDigest !== undefined && { featureDigest }),
        ...(exercise && { exercise }),
      }
    }),
  }
}

function objectiveRecord(objective: MeasuredObjective): ObjectiveRecord {
  const { requiredMs, measuredMs, verdict } = objective
  return { title: objectiveTitle(objective), requiredMs, ...(measuredMs !== undefined && { measuredMs }), verdict }
}

/** Returns the topology files of each drill. */
function topologiesOf(entries: readonly JournalEntry[]): ReadonlyMap<string, Readonly<Record<string, string>>> {
  const found = new Map<string, Record<string, string>>()
  for (const entry of entries) {
    if (entry.kind !== 'observation' || entry.subject !== topologyFile.subject || entry.drill === undefined) continue
    const { file, sha256 } = (entry.facts ?? {}) as Readonly<Record<string, unknown>>
    if (typeof file === 'string' && typeof sha256 === 'string')
      found.set(entry.drill, { ...found.get(entry.drill), [file]: sha256 })
  }
  return found
}

/** Returns the files of the runbooks of a drill. Undefined if the journal does not have those of each. */
function runbooksOf(entries: readonly JournalEntry[]): FileDigests | undefined {
  const known = runbookFiles.history(entries).map(({ facts }) => facts)
  const isKnown = (name: string): boolean => known.some(({ runbook }) => runbook === name)
  if (!runbookEnds.history(entries).every(({ facts }) => isKnown(facts.runbook))) return undefined
  return Object.assign({}, ...known.map(({ files }) => files))
}

/** A guest image is a folder or a tag that ends with the digest of its recipe. */
function guestImageOf(entries: readonly JournalEntry[]): string | undefined {
  const { guestImage = '' } = entries.find((entry) => entry.kind === 'environment')?.environment ?? {}
  return /[0-9a-f]{16}$/.exec(guestImage)?.[0]
}

/** Returns the SHA-256 of a feature's text, without secrets: a journal does not have them. */
export function featureDigest(text: string): string {
  const withoutSecrets = new Redactor().redact(text).value.replaceAll(/\[redacted-[\w-]+-\d+\]/g, '[redacted]')
  return createHash('sha256').update(withoutSecrets).digest('hex')
}

function featureDigests(entries: readonly JournalEntry[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const entry of entries) {
    if (entry.kind !== 'envelope') continue
    const { source } = entry.envelope as Envelope
    if (source !== undefined) found.set(source.uri, featureDigest(source.data))
  }
  return found
}

/** All scenarios in the features of a run, whether they ran or not. */
function pickled(entries: readonly JournalEntry[]): readonly NamedScenario[] {
  return entries.flatMap((entry) => {
    const pickle = entry.kind === 'envelope' ? (entry.envelope as Envelope).pickle : undefined
    return pickle === undefined ? [] : [scenarioOf(pickle, undefined)]
  })
}
