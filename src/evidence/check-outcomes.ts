import type { JournalEntry } from '../journal/journal.ts'
import { outcomeOf } from '../journal/outcome.ts'
import type { RunOverview } from '../report/run-overview.ts'
import type { ReportProblem } from './pack-problem.ts'
import { type DrillStatement, readTestStatement } from './read-statement.ts'
import { envelopePath, type Signatures } from './signed-pack.ts'
import { hasPassed, type StatementName } from './statement.ts'

/** The statements must agree with the journal, and the journal with itself. */
export function checkOutcomes(
  { predicate }: DrillStatement,
  { envelopes }: Signatures,
  { run, entries }: { readonly run: RunOverview; readonly entries: readonly JournalEntry[] },
  report: ReportProblem,
): void {
  const contradict = (name: StatementName, sentence: string) => report('contradiction', envelopePath(name), sentence)
  if (predicate.run !== run.run)
    contradict('drill', `it is about run ${predicate.run}, and the journal about ${run.run}`)
  if (predicate.exitCode !== (run.exitCode ?? null))
    contradict('drill', `it says exit code ${predicate.exitCode}, and the journal ${run.exitCode ?? 'none'}`)
  const said = predicate.drills.map(({ location, outcome }) => `${outcome}: ${location}`)
  const found = run.drills.map(({ location, outcome }) => `${outcome}: ${location}`)
  const at = said.findIndex((one, nth) => one !== found[nth])
  if (at !== -1 || said.length !== found.length)
    contradict(
      'drill',
      `it says "${said[at] ?? 'nothing'}", and the journal "${found[at === -1 ? said.length : at] ?? 'nothing'}"`,
    )
  for (const [outcome, count] of Object.entries(run.counts))
    if (predicate.counts[outcome as keyof typeof run.counts] !== count)
      contradict(
        'drill',
        `it counts ${predicate.counts[outcome as keyof typeof run.counts]} ${outcome}, and the journal ${count}`,
      )
  const result = readTestStatement(envelopes['test-result'])?.predicate
  if (result !== undefined && (result.result === 'PASSED') !== hasPassed(run))
    contradict('test-result', `it says ${result.result}, and the journal does not`)
  const ofDrill = Map.groupBy(entries, ({ drill }) => drill)
  for (const { id, location, outcome } of run.drills)
    if (outcome === 'passed' && outcomeOf(ofDrill.get(id) ?? []).outcome !== 'passed')
      report('contradiction', 'journal.ndjson', `${location} is recorded as passed, and its findings say otherwise`)
}
