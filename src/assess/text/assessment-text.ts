import { bytes } from '../../text/bytes.ts'
import { counted } from '../../text/plural.ts'
import { printable } from '../../text/printable.ts'
import { plainStyle, type Style } from '../../text/style.ts'
import { table } from '../../text/table.ts'
import type { AssessmentSummary } from '../judge/assessment-summary.ts'
import { momentText } from '../judge/past-image.ts'
import { findingList } from './finding-list.ts'
import { headline } from './headline.ts'
import { nextSteps } from './next-steps.ts'
import { originList } from './origin-list.ts'
import { contentFacts, recordFacts } from './record-facts.ts'
import { secretFacts } from './secret-facts.ts'
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
    facts(summary, style, options.isAll),
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

function facts(summary: AssessmentSummary, style: Style, isAll = false): readonly string[] {
  const { targets, site, depth, totals } = summary
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
      [states['with-secret'], 'with secret'],
      [states.broken, 'broken'],
      [states.unknown, 'unknown'],
    ] as const
  ).flatMap(([count, what]) => (count > 0 ? `${count} ${what}` : []))
  const rows = [
    ...targets.map((target) => ['Target', printable(target)]),
    ['Site', printable(site)],
    ['Read', `${depths[depth]}; ${momentText(summary.date)}`],
    ['Found', counts.join(', ')],
    [
      'Restores',
      `${counted(totals.disks, 'disk')} of snapshots${restores.length > 0 ? `: ${restores.join(', ')}` : ''}`,
    ],
    ...contentFacts(summary),
    ...recordFacts(summary),
    ...secretFacts(summary, isAll),
  ]
  return table([{}, { overflow: 'wrap' }], rows, { style })
}
