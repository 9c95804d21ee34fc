import type { JournalEntry } from '../../journal/journal.ts'
import { backgroundText } from '../background-text.ts'
import { type RunOverview, runOverview } from '../run-overview.ts'
import { drillRows } from './drill-rows.ts'
import { drillSteps } from './drill-steps.ts'
import { scenarioSource } from './gherkin-text.ts'
import { packedBlock, plainBlock } from './page-block.ts'
import type { PageDrill, PageEnd, PageIndex } from './page-data.ts'
import { cutOf, pageSummary } from './page-summary.ts'
import { pageTemplate } from './page-template.ts'
import { withPageTexts } from './page-text.ts'
import { runLimits } from './run-limits.ts'
import { StartedCases } from './started-cases.ts'

const mebibyte = 1024 * 1024

/** Pages of these sizes carry a warning, largest first. */
const warnings = [
  {
    sizeBytes: 50 * mebibyte,
    text: 'Browsers can be slow with a page of this size. Run fewer scenarios at once, e.g. with --tags.',
  },
  { sizeBytes: 10 * mebibyte, text: 'Some mail systems refuse a file of this size.' },
] as const

/**
 * Writes `index.html`: one page that needs no network and no other file. The first screen is plain JSON. All drills follow
 * in a compressed index, and then each with its evidence in a block of its own.
 */
export async function* page(entries: readonly JournalEntry[]): AsyncGenerator<string> {
  const [head, script, foot] = await pageTemplate()
  let sizeBytes = 0
  const sized = (text: string): string => {
    sizeBytes += Buffer.byteLength(text)
    return text
  }
  const run = runOverview(entries)
  const cases = new StartedCases(entries)
  const byDrill = Map.groupBy(entries, ({ drill }) => drill)
  const entriesOf = (drill: string): readonly JournalEntry[] => byDrill.get(drill) ?? []
  const cut = cutOf(entries, run)
  const rows = drillRows(run, cases, entriesOf)
  const limits = runLimits(run, rows, entriesOf, cut)
  yield sized(head)
  yield sized(plainBlock('summary', pageSummary({ entries, run, rows, limits, cut })))
  const index: PageIndex = { drills: rows }
  yield sized(packedBlock('index', index))
  yield sized(script)
  for (const { id } of [...run.retried, ...run.drills])
    yield sized(packedBlock(`drill-${id}`, withPageTexts(drillDetails(id, run, cases, entriesOf(id)))))
  const warning = warnings.find((one) => sizeBytes >= one.sizeBytes)
  const end: PageEnd = { sizeBytes, ...(warning === undefined ? {} : { warning: warning.text }) }
  yield `${plainBlock('end', end)}${foot.trimStart()}`
}

function drillDetails(
  id: string,
  { drills, retried }: RunOverview,
  cases: StartedCases,
  entries: readonly JournalEntry[],
): PageDrill {
  const own = cases.ofDrill(id)
  const background = [...drills, ...retried].find((drill) => drill.id === id)?.background
  return {
    id,
    featureDescription: own?.document?.feature?.description ?? '',
    ...(own === undefined ? { description: '' } : scenarioSource(own.pickle, own.document)),
    ...(background === undefined ? {} : { background: backgroundText(background) }),
    steps: drillSteps(own, entries),
    entries,
  }
}
