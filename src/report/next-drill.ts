import type { JournalEntry } from '../journal/journal.ts'
import { counted } from '../text/plural.ts'
import type { RunOverview } from './run-overview.ts'

const dayMs = 24 * 3600_000

/**
 * Says when the drills of a run must be repeated, by the age at which its project let verdicts expire when it ran. A
 * scenario that did not pass has no verdict that could hold.
 */
export function nextDrillText(entries: readonly JournalEntry[], run: RunOverview): string {
  const { passed, ...others } = run.counts
  const open = Object.values(others).reduce((sum, count) => sum + count, 0)
  const scenarios = counted(open, 'scenario')
  if (passed === 0) return 'Next drill: due now. No scenario passed.'
  const now = open === 0 ? '' : `due now for ${scenarios} that did not pass. For the others: `
  return `Next drill: ${now}${dateText(entries, run)}`
}

function dateText(entries: readonly JournalEntry[], { startedAt }: RunOverview): string {
  const maxAgeMs = entries.find((entry) => entry.kind === 'environment')?.environment.maxVerdictAgeMs
  if (maxAgeMs === undefined) return 'the journal does not record a date.'
  if (maxAgeMs === null) return 'no date is configured (maxVerdictAge in dr-drill.config.yaml).'
  const due = new Date(Date.parse(startedAt) + maxAgeMs)
  if (Number.isNaN(due.getTime())) return 'the journal does not record a date.'
  return `due by ${due.toISOString().slice(0, 16).replace('T', ' ')} UTC. Verdicts expire after ${ageText(maxAgeMs)}.`
}

function ageText(ms: number): string {
  return ms % dayMs === 0 ? counted(ms / dayMs, 'day') : counted(Math.round(ms / 3600_000), 'hour')
}
