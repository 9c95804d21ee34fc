import { bytes } from '../../text/bytes.ts'
import { counted, listed } from '../../text/plural.ts'
import { printable } from '../../text/printable.ts'
import { plainStyle, type Style } from '../../text/style.ts'
import { table } from '../../text/table.ts'
import type { AssessmentSummary } from '../judge/assessment-summary.ts'
import { findingList } from './finding-list.ts'
import { headline } from './headline.ts'
import { nameText } from './lines.ts'
import { nextSteps } from './next-steps.ts'
import { originList } from './origin-list.ts'
import { workloadTable } from './workload-table.ts'

export interface AssessmentTextOptions {
  /** Default: 80 columns without colors. */
  readonly style?: Style
  /** Shows every workload, and all examples that were kept. */
  readonly isAll?: boolean
  /** How the commands to continue with start. Default: `dr-drill`. */
  readonly program?: string
}

const depths = {
  headers: 'headers only; a file that is cut short after its header is not detected',
  tables: 'headers and tables, not content',
  content: 'headers, tables and content',
} as const

/** A whole assessment for people, the answer first. Nothing in it makes a terminal do anything. */
export function assessmentText(summary: AssessmentSummary, options: AssessmentTextOptions = {}): string {
  const { style = plainStyle } = options
  const parts = [
    headline(summary, style),
    facts(summary, style),
    workloadTable(summary, options),
    originList(summary, style),
    findingList(summary, options),
    nextSteps(summary, style, options.program),
  ]
  return `${parts
    .filter(({ length }) => length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`
}

function facts({ targets, site, depth, totals, workloads }: AssessmentSummary, style: Style): readonly string[] {
  const { states, skipped } = totals
  const counts = [
    counted(totals.workloads, 'workload'),
    counted(totals.snapshots, 'snapshot'),
    counted(totals.images, 'image'),
    bytes(totals.fileBytes),
    ...(skipped > 0 ? [`${counted(skipped, 'workload was', 'workloads were')} not selected`] : []),
  ]
  const restores = (
    [
      [states.restorable, 'now'],
      [states['after-recovery'], 'after recovery'],
      [states.broken, 'broken'],
      [states.unknown, 'unknown'],
    ] as const
  ).flatMap(([count, what]) => (count > 0 ? `${count} ${what}` : []))
  const secrets = new Set(workloads.flatMap((row) => row.secrets)).size
  const encrypted = workloads.filter((row) => row.secrets.length > 0).map(({ name, workloadId }) => name ?? workloadId)
  const rows = [
    ...targets.map((target) => ['Target', printable(target)]),
    ['Site', printable(site)],
    ['Read', depths[depth]],
    ['Found', counts.join(', ')],
    [
      'Restores',
      `${counted(totals.disks, 'disk')} of snapshots${restores.length > 0 ? `: ${restores.join(', ')}` : ''}`,
    ],
    ...(secrets > 0 ? [['Secrets', `${secrets} needed, for ${listed(encrypted.map(nameText), 3)}`]] : []),
  ]
  return table([{}, { overflow: 'wrap' }], rows, { style })
}
