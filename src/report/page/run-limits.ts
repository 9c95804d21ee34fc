import { type JournalEntry, phases } from '../../journal/journal.ts'
import { counted } from '../../text/plural.ts'
import { siteNodes } from '../../verdict/observation/node-facts.ts'
import { nothingLeft } from '../../verdict/observation/nothing-left.ts'
import { backgroundTexts } from '../background-text.ts'
import type { RunOverview } from '../run-overview.ts'
import type { DrillRow, RunLimit } from './page-data.ts'
import { clipped } from './page-text.ts'
import { shortList } from './short-list.ts'

const maxTextChars = 600
const shownDrills = 20

/** Returns what a run does not prove, by what its journal holds and does not hold. */
export function runLimits(
  run: RunOverview,
  rows: readonly DrillRow[],
  entriesOf: (drill: string) => readonly JournalEntry[],
  cut: string | undefined,
): readonly RunLimit[] {
  const limits: RunLimit[] = []
  const add = (kind: RunLimit['kind'], text: string, drills: readonly string[] = []): void => {
    limits.push({ kind, text: clipped(text, maxTextChars), drills: shortList(drills, shownDrills) })
  }
  if (cut !== undefined) add('cut', cut)
  const unknown = rows.filter(({ outcome }) => outcome === 'unknown').map(({ id }) => id)
  if (unknown.length > 0) add('unknown', `${counted(unknown.length, 'drill')} could not be judged.`, unknown)
  const notRun = rows.filter(({ outcome }) => outcome === 'not run').map(({ id }) => id)
  if (notRun.length > 0)
    add('not run', `${counted(notRun.length, 'scenario')} did not run to a verdict. The reasons are above.`, notRun)
  const kernels = run.kernels.length === 0 ? '' : ` with Linux ${run.kernels.join(' and ')}`
  if (rows.some(({ nodes }) => nodes.length > 0))
    add(
      'lab',
      `All machines were guests of a lab${kernels} on one host. Sizes, load, networks and storage of a production site differ, and so do the times measured here.`,
    )
  add(
    'product',
    "No code of the backup product ran. Backups and restores were made with qemu-img and with the product's documented layout. See the assumptions in docs/architecture.md.",
  )
  const drilled = new Set(rows.flatMap((row) => row.phases.map(({ phase }) => phase)))
  const missing = phases.filter((phase) => !drilled.has(phase))
  if (missing.length > 0)
    add('phases', `No drill of this run has ${counted(missing.length, 'phase')} of the process: ${missing.join(', ')}.`)
  const drills = rows.filter(({ hasDetails }) => hasDetails).map(({ id }) => ({ id, entries: entriesOf(id) }))
  for (const [node, ids] of nodesWithoutRestore(drills))
    add('nodes', `Nothing was restored on ${node}, though other nodes of its site restored.`, ids)
  const partly = drills.filter(({ entries }) => isRestoredInPart(entries)).map(({ id }) => id)
  if (partly.length > 0)
    add('snapshots', `${counted(partly.length, 'drill')} restored some images, and not all.`, partly)
  for (const text of backgroundTexts(run.drills))
    add(
      'backgrounds',
      text,
      run.drills.filter(({ background }) => background !== undefined).map(({ id }) => id),
    )
  if (drills.length > 0 && !run.findings.some(({ question }) => question === nothingLeft.name))
    add('clean-up', 'The run did not check whether something was left behind on its host.')
  return limits
}

interface OwnEntries {
  readonly id: string
  readonly entries: readonly JournalEntry[]
}

/** Returns nodes of sites in which another node restored, with the drills of each. */
function nodesWithoutRestore(drills: readonly OwnEntries[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>()
  for (const { id, entries } of drills) {
    const restores = entries.flatMap((entry) => (entry.kind === 'restore' ? [entry.restore] : []))
    const restored = new Set(restores.flatMap(({ node, sizedOn }) => [node, sizedOn]))
    const sites = new Set(restores.map(({ site }) => site))
    for (const entry of entries) {
      if (entry.kind !== 'observation' || entry.subject !== siteNodes.subject || !Array.isArray(entry.facts)) continue
      if (!sites.has(entry.where)) continue
      for (const node of entry.facts.map(String)) {
        if (restored.has(node)) continue
        const ids = found.get(node) ?? []
        if (!ids.includes(id)) ids.push(id)
        found.set(node, ids)
      }
    }
  }
  return found
}

function isRestoredInPart(entries: readonly JournalEntry[]): boolean {
  const restored = new Set(entries.flatMap((entry) => (entry.kind === 'restore' ? [entry.restore.image.path] : [])))
  return restored.size > 0 && entries.some((entry) => entry.kind === 'backup' && !restored.has(entry.image.path))
}
