import type { JournalEntry } from '../../journal/journal.ts'
import { counted } from '../../text/plural.ts'
import { type MeasuredObjective, measuredText, objectiveTitle, requiredText } from '../measured-objectives.ts'
import { nextDrillText } from '../next-drill.ts'
import type { RunOverview } from '../run-overview.ts'
import { runScope } from '../run-scope.ts'
import { environmentFacts } from './environment-facts.ts'
import type { DrillProblem, DrillRow, PageSummary, RunLimit, RunVerdict, ShownObjective } from './page-data.ts'
import { clipped } from './page-text.ts'
import { shortList } from './short-list.ts'

const maxWhyChars = 400
const maxItems = 50

export interface SummaryInput {
  readonly entries: readonly JournalEntry[]
  readonly run: RunOverview
  readonly rows: readonly DrillRow[]
  readonly limits: readonly RunLimit[]
  readonly cut: string | undefined
}

/** Returns the first screen of a page. Every list and text in it is bounded, so it is small. */
export function pageSummary({ entries, run, rows: all, limits, cut }: SummaryInput): PageSummary {
  const rows = all.filter(({ isRetried }) => isRetried !== true)
  const byOutcome = Map.groupBy(rows, ({ outcome }) => outcome)
  const problems = [...(byOutcome.get('failed') ?? []), ...(byOutcome.get('unknown') ?? [])].map(problemOf)
  const counts = { ...run.counts, 'not run': byOutcome.get('not run')?.length ?? 0 }
  const environment = entries.find((entry) => entry.kind === 'environment')?.environment
  const { verdict, headline } = verdictOf({ ...run, counts }, rows.length, cut)
  return {
    run: clipped(run.run, maxWhyChars),
    version: clipped(run.version, maxWhyChars),
    verdict,
    headline,
    ...(cut === undefined ? {} : { cut }),
    startedAt: run.startedAt,
    durationMs: run.durationMs,
    counts,
    drillCount: rows.length,
    problems: shortList(problems, maxItems),
    notRun: shortList((byOutcome.get('not run') ?? []).map(problemOf), maxItems),
    objectives: shortList(
      run.drills.flatMap((drill) => drill.objectives.map(shownObjective)),
      maxItems,
    ),
    limits,
    ...(environment?.ciJob === undefined ? {} : { ciJob: clipped(environment.ciJob, maxWhyChars) }),
    ...(environment === undefined
      ? {}
      : { who: clipped(environment.user, maxWhyChars), where: clipped(environment.host, maxWhyChars) }),
    environment: environmentFacts(entries, run),
    scope: runScope(entries).map(({ name, value }) => ({ name, value: clipped(value, maxWhyChars) })),
    nextDrill: nextDrillText(entries, { ...run, counts }),
    findings: shortList(
      run.findings.map((finding) => ({
        ...finding,
        sentence: clipped(finding.sentence, maxWhyChars),
        evidence: finding.evidence.slice(0, maxItems),
      })),
      maxItems,
    ),
    errors: shortList(
      run.errors.map((text) => clipped(text, maxWhyChars)),
      maxItems,
    ),
    notes: shortList(
      run.notes.map((text) => clipped(text, maxWhyChars)),
      maxItems,
    ),
  }
}

/** Returns where a journal ends before its run did. Undefined for a complete one. */
export function cutOf(entries: readonly JournalEntry[], run: RunOverview): string | undefined {
  const last = entries.at(-1)
  if (last === undefined) return 'The journal is empty.'
  if (run.exitCode !== undefined) return undefined
  return `The journal was cut: it ends at entry ${last.seq} (${last.at}), before the end of the run. Everything after that is unknown.`
}

function verdictOf(
  run: RunOverview,
  drillCount: number,
  cut: string | undefined,
): { readonly verdict: RunVerdict; readonly headline: string } {
  const { failed, unknown, passed, 'not run': notRun } = run.counts
  const of = counted(drillCount, 'drill')
  const parts = [
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(unknown > 0 ? [`${unknown} could not be judged`] : []),
    ...(notRun > 0 ? [`${notRun} did not run`] : []),
  ]
  const drills = parts.length === 0 ? `All claims of ${of} held.` : `${of}: ${parts.join(', ')}.`
  const runFailed = run.findings.some(({ verdict }) => verdict === 'fail')
  if (failed > 0) return { verdict: 'failed', headline: drills }
  if (runFailed || run.exitCode === 1)
    return { verdict: 'failed', headline: `${drills} The run itself failed a check.` }
  if (cut !== undefined) return { verdict: 'incomplete', headline: 'The journal was cut. Its end is unknown.' }
  if (drillCount === 0) return { verdict: 'incomplete', headline: 'No drill was started.' }
  if (parts.length > 0) return { verdict: 'incomplete', headline: drills }
  if (run.errors.length > 0 || passed === 0 || run.exitCode !== 0)
    return { verdict: 'incomplete', headline: `${drills} The run itself did not end as it should.` }
  return { verdict: 'passed', headline: drills }
}

function problemOf({ id, name, location, outcome, why = 'the journal holds no reason' }: DrillRow): DrillProblem {
  return { drill: id, name, location, outcome, why: clipped(why, maxWhyChars) }
}

function shownObjective(objective: MeasuredObjective): ShownObjective {
  const { drill, verdict, sentence, from, to } = objective
  return {
    drill,
    name: clipped(objectiveTitle(objective), maxWhyChars),
    objective: requiredText(objective),
    measured: `${measuredText(objective)}: ${clipped(sentence, maxWhyChars)}`,
    ...(from !== undefined && to !== undefined && { clock: [from, to] as const }),
    verdict,
  }
}
