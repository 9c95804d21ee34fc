import { withRemedy } from '../errors.ts'
import { retriedDrills } from '../journal/attempts.ts'
import type { BackgroundOrigin, Finding, JournalEntry, Outcome, Phase } from '../journal/journal.ts'
import { redactionText } from '../text/redact.ts'
import { kernelRelease } from '../verdict/observation/node-facts.ts'
import { type MeasuredObjective, objectivesOfDrill } from './measured-objectives.ts'

/** The facts of one drill for reports. */
export interface DrillOverview {
  readonly id: string
  readonly name: string
  readonly feature: string
  readonly location: string
  /** `unknown` for a drill that never ended, because its run was killed. */
  readonly outcome: Outcome
  readonly why?: string
  readonly durationMs: number
  /** In the order in which phases began. All stretches of a phase are added up. */
  readonly phases: readonly { readonly phase: Phase; readonly durationMs: number }[]
  readonly findings: readonly Finding[]
  readonly objectives: readonly MeasuredObjective[]
  /** Undefined if it executed its background itself, or has none. */
  readonly background?: BackgroundOrigin
}

/** The facts of a run for reports. */
export interface RunOverview {
  readonly run: string
  readonly version: string
  readonly startedAt: string
  readonly durationMs: number
  /** Kernel releases of the machines in its labs. Empty without a lab. */
  readonly kernels: readonly string[]
  /** Undefined while the run goes on, or if it was killed. */
  readonly exitCode?: number
  /** Without those that were tried again. */
  readonly drills: readonly DrillOverview[]
  /** Attempts that could not be judged, and were followed by another. */
  readonly retried: readonly DrillOverview[]
  /** Findings about the run itself, e.g. that nothing is left behind. */
  readonly findings: readonly Finding[]
  readonly errors: readonly string[]
  readonly notes: readonly string[]
  readonly counts: Readonly<Record<Outcome, number>>
}

/** Returns the facts of a run from its journal. */
export function runOverview(entries: readonly JournalEntry[]): RunOverview {
  const started = entries.find((entry) => entry.kind === 'run-started')
  const ended = entries.findLast((entry) => entry.kind === 'run-ended')
  const byDrill = Map.groupBy(
    entries.filter((entry) => entry.drill !== undefined),
    (entry) => entry.drill ?? '',
  )
  const again = retriedDrills(entries)
  const all = [...byDrill].map(([id, own]) => drillOverview(id, own))
  const [drills, retried] = [all.filter(({ id }) => !again.has(id)), all.filter(({ id }) => again.has(id))]
  const own = entries.filter((entry) => entry.drill === undefined)
  const counts = { passed: 0, failed: 0, unknown: 0, 'not run': 0 }
  for (const { outcome } of drills) counts[outcome]++
  return {
    run: started?.run ?? '?',
    version: started?.version ?? '?',
    startedAt: entries[0]?.at ?? '?',
    durationMs: spanMs(entries[0], entries.at(-1)),
    kernels: kernelsOf(entries),
    ...(ended === undefined ? {} : { exitCode: ended.exitCode }),
    drills,
    retried,
    findings: own.flatMap((entry) => (entry.kind === 'finding' ? [entry.finding] : [])),
    errors: own.flatMap((entry) => (entry.kind === 'error' ? [withRemedy(entry)] : [])),
    notes: [
      ...own.flatMap((entry) => (entry.kind === 'note' ? [entry.text] : [])),
      ...retried.map(retriedText),
      ...redactionNotes(entries),
    ],
    counts,
  }
}

/** Describes an attempt that was followed by another. */
function retriedText({ name, location, why = 'the journal holds no reason' }: DrillOverview): string {
  return `"${name}" (${location}) could not be judged, and was tried again: ${why.split('\n', 1)[0]}`
}

/** Returns the last line that a run prints. It says nothing of failures where nothing failed and something is unknown. */
export function closingLine({
  counts: { passed, failed, unknown, 'not run': notRun },
}: Pick<RunOverview, 'counts'>): string {
  return [
    `${passed} passed`,
    ...(failed > 0 || unknown === 0 ? [`${failed} failed`] : []),
    ...(unknown > 0 ? [`${unknown} unknown`] : []),
    ...(notRun > 0 ? [`${notRun} skipped`] : []),
  ].join(', ')
}

function drillOverview(id: string, entries: readonly JournalEntry[]): DrillOverview {
  const started = entries.find((entry) => entry.kind === 'drill-started')
  const ended = entries.findLast((entry) => entry.kind === 'drill-ended')
  const phases = new Map<Phase, number>()
  for (const entry of entries) {
    if (entry.kind === 'phase-ended') phases.set(entry.phase, (phases.get(entry.phase) ?? 0) + entry.durationMs)
  }
  const takenOver = entries.find((entry) => entry.kind === 'background-taken-over')
  const why = ended === undefined ? 'the run was killed before the drill ended' : ended.why
  return {
    id,
    name: started?.name ?? '?',
    feature: started?.feature ?? '?',
    location: started?.location ?? '?',
    outcome: ended?.outcome ?? 'unknown',
    ...(why === undefined ? {} : { why }),
    durationMs: spanMs(started, ended ?? entries.at(-1)),
    phases: [...phases].map(([phase, durationMs]) => ({ phase, durationMs })),
    findings: entries.flatMap((entry) => (entry.kind === 'finding' ? [entry.finding] : [])),
    objectives: objectivesOfDrill(entries),
    ...(takenOver && { background: takenOver.origin }),
  }
}

function redactionNotes(entries: readonly JournalEntry[]): readonly string[] {
  const counts: Record<string, number> = {}
  for (const { redacted = {} } of entries)
    for (const [kind, count] of Object.entries(redacted)) counts[kind] = (counts[kind] ?? 0) + count
  return Object.keys(counts).length === 0
    ? []
    : [`secrets were replaced in the journal when they were recorded: ${redactionText(counts)}`]
}

function kernelsOf(entries: readonly JournalEntry[]): readonly string[] {
  const seen = entries
    .filter((entry) => entry.kind === 'observation')
    .filter(({ subject }) => subject === kernelRelease.subject)
  return [...new Set(seen.map(({ facts }) => String(facts)))].sort()
}

function spanMs(from: JournalEntry | undefined, to: JournalEntry | undefined): number {
  return from === undefined || to === undefined ? 0 : Date.parse(to.at) - Date.parse(from.at)
}
