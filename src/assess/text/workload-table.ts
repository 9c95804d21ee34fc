import { bytes } from '../../text/bytes.ts'
import { age } from '../../text/duration.ts'
import { counted } from '../../text/plural.ts'
import { plainStyle, type Style } from '../../text/style.ts'
import { type Cell, type Column, table } from '../../text/table.ts'
import { widthOf, wrap } from '../../text/terminal.ts'
import type { AssessmentSummary } from '../judge/assessment-summary.ts'
import { improves, type NewestSnapshot, needsAttention, needsSecret, type WorkloadRow } from '../judge/workload-row.ts'
import { nameText } from './lines.ts'

/** A table of more workloads shows only those that need attention. */
const maxUnselected = 20

interface TableColumn extends Column {
  readonly cell: (row: WorkloadRow) => Cell
  /** True for a column that is left out where it does not fit. */
  readonly isExtra?: boolean
  /** Undefined for a column that is always shown. */
  isNeeded?(rows: readonly WorkloadRow[]): boolean
}

const columns: readonly TableColumn[] = [
  { heading: 'workload', overflow: 'shorten', cell: ({ name, workloadId }) => nameText(name ?? workloadId) },
  {
    heading: 'now',
    cell: (row) => ageCell(row.newestRestorable, improves(row) || needsSecret(row) ? { state: row.state } : row),
  },
  {
    heading: 'after recovery',
    cell: (row) => ageCell(row.newestAfterRecovery, needsSecret(row) ? { state: row.state } : row),
    isNeeded: (rows) => rows.some(improves),
  },
  {
    heading: 'with secret',
    cell: (row) => (needsSecret(row) ? ageCell(row.newestWithSecret, row) : ''),
    isNeeded: isFilled,
  },
  { heading: 'broken', align: 'right', cell: ({ states }) => share(states.broken, states, 'bad'), isNeeded: isFilled },
  {
    heading: 'unknown',
    align: 'right',
    cell: ({ states }) => share(states.unknown, states, 'unsure'),
    isNeeded: isFilled,
  },
  {
    heading: 'needs',
    cell: (row) => (row.secrets.length > 0 && !needsSecret(row) ? 'secret' : ''),
    isNeeded: isFilled,
  },
  { heading: 'snapshots', align: 'right', cell: ({ snapshots }) => String(snapshots), isExtra: true },
  { heading: 'disks', align: 'right', cell: ({ disks }) => String(disks), isExtra: true },
  { heading: 'chain', align: 'right', cell: ({ longestChain }) => String(longestChain), isExtra: true },
  { heading: 'size', align: 'right', cell: ({ fileBytes }) => bytes(fileBytes), isExtra: true },
  { heading: 'cause', overflow: 'wrap', cell: cause, isNeeded: isFilled },
]

function isFilled(this: TableColumn, rows: readonly WorkloadRow[]): boolean {
  return rows.some((row) => this.cell(row) !== '')
}

/** The workloads, worst first; of many, those that need attention. */
export function workloadTable(
  { workloads }: AssessmentSummary,
  { style = plainStyle, isAll = false }: { readonly style?: Style; readonly isAll?: boolean } = {},
): readonly string[] {
  if (workloads.length === 0) return []
  const isShort = isAll || workloads.length <= maxUnselected
  const rows = isShort ? workloads : workloads.filter(needsAttention)
  const needSecret = (some: readonly WorkloadRow[]) => some.filter(({ secrets }) => secrets.length > 0).length
  const withSecret = needSecret(workloads) - needSecret(rows)
  const others = withSecret === 0 ? '' : `; ${counted(withSecret, 'other needs', 'others need')} a secret`
  const ofThese =
    rows.length === 0
      ? 'No workload needs attention'
      : `Newest restorable snapshots of the ${counted(rows.length, 'workload that needs', 'workloads that need')} attention, worst first`
  const title = isShort
    ? 'Newest restorable snapshots, worst first'
    : `${ofThese} (--all lists all ${workloads.length}${others})`
  const lines = wrap(title, style.columns).map((line) => style.paint('strong', line))
  return rows.length > 0 ? [...lines, ...body(rows, style)] : lines
}

/** With as many columns as fit. */
function body(rows: readonly WorkloadRow[], style: Style): readonly string[] {
  const used = columns.filter((column) => column.isNeeded?.(rows) ?? true)
  const lines = (shown: readonly TableColumn[], within: Style) =>
    table(
      shown,
      rows.map((row) => shown.map(({ cell }) => cell(row))),
      { style: within, indent: 2 },
    )
  const natural = lines(used, { ...style, columns: Number.MAX_SAFE_INTEGER })
  if (natural.every((line) => widthOf(line) <= style.columns)) return natural
  return lines(
    used.filter(({ isExtra }) => !isExtra),
    style,
  )
}

function ageCell(newest: NewestSnapshot | undefined, { state, isStale }: Pick<WorkloadRow, 'state' | 'isStale'>): Cell {
  if (newest === undefined)
    return state === 'unknown' ? { text: 'unknown', tone: 'unsure' } : { text: 'none', tone: 'bad' }
  const text = newest.ageMs === undefined ? 'age unknown' : age(newest.ageMs)
  return isStale ? { text: `${text}, stale`, tone: 'bad' } : text
}

function share(count: number, states: WorkloadRow['states'], tone: 'bad' | 'unsure'): Cell {
  const total = Object.values(states).reduce((sum, one) => sum + one, 0)
  return count === 0 ? '' : { text: `${count} of ${total}`, tone }
}

function cause({ obstacle }: WorkloadRow): string {
  if (obstacle === undefined) return ''
  const { why, vm, disk } = obstacle
  return disk === undefined ? why : `${why}: ${nameText(vm ?? '?')} ${nameText(disk)}`
}
