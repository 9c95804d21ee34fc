import type { JournalEntry } from '../../journal/journal.ts'
import { siteNodes } from '../../verdict/observation/node-facts.ts'
import type { RunOverview } from '../run-overview.ts'
import type { DrillRow } from './page-data.ts'
import { clipped } from './page-text.ts'
import type { StartedCase, StartedCases, WaitingCase } from './started-cases.ts'

/** The reason of a scenario that the run skipped, or had not reached when it ended. */
const neverStarted = 'the run ended before this scenario started'

const maxWhyChars = 1000
const maxTextChars = 300

/** Returns a row for each drill, and for each scenario that was selected and never became a drill. */
export function drillRows(
  { drills: last, retried }: RunOverview,
  cases: StartedCases,
  entriesOf: (drill: string) => readonly JournalEntry[],
): readonly DrillRow[] {
  const drills = [...retried, ...last]
  const attempts = Map.groupBy(drills, ({ location }) => location)
  const rows = drills.map((drill): DrillRow => {
    const { id, name, feature, location, outcome, why, durationMs, phases, findings } = drill
    const own = entriesOf(id)
    const scenario = cases.ofDrill(id)
    const siblings = attempts.get(location) ?? []
    return {
      ...common(scenario, { name, feature, location }),
      id,
      hasDetails: true,
      outcome,
      ...(why === undefined ? {} : { why: clipped(why, maxWhyChars) }),
      startedAt: own[0]?.at ?? '?',
      durationMs,
      nodes: nodesOf(own).map((node) => clipped(node, maxTextChars)),
      attempt: siblings.indexOf(drill) + 1,
      attempts: siblings.length,
      ...(retried.includes(drill) && { isRetried: true }),
      phases,
      faults: own.flatMap((entry) => (entry.kind === 'fault' ? [clipped(entry.fault, maxTextChars)] : [])),
      findings: countsOf(findings.map(({ verdict }) => verdict)),
    }
  })
  // A scenario that was retried has drills for its other starts.
  const skipped = cases.started.filter(({ drill, location }) => drill === undefined && !attempts.has(location))
  return [...rows, ...[...skipped, ...cases.waiting].map(rowWithoutDrill)]
}

function rowWithoutDrill(scenario: WaitingCase, index: number): DrillRow {
  const { location, pickle, document } = scenario
  const feature = document?.feature?.name ?? pickle.uri
  return {
    ...common(scenario, { name: pickle.name, feature, location }),
    ...{ id: `n${index + 1}`, hasDetails: false, outcome: 'not run', why: neverStarted, startedAt: '', durationMs: 0 },
    ...{ nodes: [], attempt: 1, attempts: 1, phases: [], faults: [], findings: countsOf([]) },
  }
}

function common(
  scenario: Pick<StartedCase, 'pickle'> | undefined,
  { name, feature, location }: { readonly name: string; readonly feature: string; readonly location: string },
): Pick<DrillRow, 'name' | 'feature' | 'location' | 'tags' | 'steps'> {
  return {
    name: clipped(name, maxTextChars),
    feature: clipped(feature, maxTextChars),
    location: clipped(location, maxTextChars),
    tags: (scenario?.pickle.tags ?? []).map((tag) => clipped(tag.name, maxTextChars)),
    steps: (scenario?.pickle.steps ?? []).map(({ text }) => clipped(text, maxTextChars)),
  }
}

/** Returns the machines that entries name: where commands ran, and where something was observed or restored. */
function nodesOf(entries: readonly JournalEntry[]): readonly string[] {
  const nodes = new Set<string>()
  for (const entry of entries) {
    if (entry.kind === 'command' || entry.kind === 'action') nodes.add(entry.where)
    // The place of this observation is a site.
    if (entry.kind === 'observation' && entry.subject !== siteNodes.subject) nodes.add(entry.where)
    if (entry.kind === 'restore') nodes.add(entry.restore.node).add(entry.restore.sizedOn)
  }
  nodes.delete('localhost')
  return [...nodes].sort()
}

function countsOf(verdicts: readonly ('pass' | 'fail' | 'unknown')[]): DrillRow['findings'] {
  const counts = { pass: 0, fail: 0, unknown: 0 }
  for (const verdict of verdicts) counts[verdict]++
  return counts
}
