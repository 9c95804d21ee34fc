import { createHash } from 'node:crypto'
import type { Envelope } from '../journal/envelope.ts'
import type { JournalEntry, Outcome, Phase } from '../journal/journal.ts'
import { featureOf, scenarioOf } from '../journal/scenario.ts'
import { runOverview } from '../report/run-overview.ts'
import { Redactor } from '../text/redact.ts'
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
  /** SHA-256 of the feature file as it was read for the run. Undefined if the journal has no text of it. */
  readonly featureDigest?: string
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
  readonly counts: Readonly<Record<Outcome, number>>
  readonly scenarios: readonly ScenarioRecord[]
}

/** Returns the record of a run from its journal. */
export function runRecord(entries: readonly JournalEntry[]): RunRecord {
  const { run, version, startedAt, durationMs, exitCode, kernels, counts, drills } = runOverview(entries)
  const digests = featureDigests(entries)
  const keys = scenarioKeys([...pickled(entries), ...drills])
  return {
    ...{ run, version, startedAt, durationMs, kernels, counts },
    ...(exitCode !== undefined && { exitCode }),
    scenarios: drills.map(({ name, location, outcome, why, durationMs: ms, phases }) => {
      const file = featureOf(location)
      const featureDigest = digests.get(file)
      return {
        key: keys.get(location) ?? `${file} ${name}`,
        ...{ location, name, outcome, durationMs: ms, phases },
        ...(why !== undefined && { why }),
        ...(featureDigest !== undefined && { featureDigest }),
      }
    }),
  }
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
