import { age } from '../../text/duration.ts'
import { counted, listed } from '../../text/plural.ts'
import { printable } from '../../text/printable.ts'
import { plainStyle, type Style } from '../../text/style.ts'
import { type Cell, table } from '../../text/table.ts'
import { wrap } from '../../text/terminal.ts'
import type { AssessmentSummary } from '../judge/assessment-summary.ts'
import { improves, type NewestSnapshot, type WorkloadRow } from '../judge/workload-row.ts'
import { brokenLines, nameText } from './lines.ts'
import { neededOriginPaths } from './origin-list.ts'
import { shortPaths } from './short-path.ts'

const maxNames = 3

/** Answers the question of an assessment: how many workloads can be restored, how old that is, and why others cannot. */
export function headline(summary: AssessmentSummary, style: Style = plainStyle): readonly string[] {
  const { unseen } = summary
  return [
    ...sentences(answer(summary), style.columns).map((line) => style.paint('strong', line)),
    ...unseen
      .flatMap((why) => brokenLines(`  ${shortPaths(printable(why))}`, style.columns))
      .map((line) => style.paint('bad', line)),
    ...reasons(summary.workloads, style),
  ]
}

/** Breaks lines anywhere but between a number and its unit. */
function sentences(text: string, columns: number): readonly string[] {
  const held = text.replaceAll(/(?<=\d) (?=(?:d|h|min)\b)/g, '\u00a0').replaceAll(/(?<=\d\u00a0d) (?=\d)/g, '\u00a0')
  return wrap(held, columns).map((line) => line.replaceAll('\u00a0', ' '))
}

function answer(summary: AssessmentSummary): string {
  const { workloads, unseen, totals, maxAgeMs } = summary
  const isIncomplete = unseen.length > 0
  const prefix = isIncomplete ? 'INCOMPLETE: ' : ''
  if (workloads.length === 0) return `${prefix}No workloads were found${isIncomplete ? ' in what was read' : ''}.`
  const {
    restorable,
    'after-recovery': afterRecovery,
    'with-secret': withSecret,
    broken,
    unknown,
  } = totals.workloadStates
  const total = isIncomplete
    ? `the ${workloads.length} workloads that were read`
    : counted(workloads.length, 'workload')
  const stale = workloads.filter(({ isStale, state }) => isStale && state !== 'broken' && state !== 'unknown').length
  const facts = [
    `${has(restorable + afterRecovery, total)} a restorable snapshot${once(summary)}`,
    oldest(workloads, ({ newestAfterRecovery }) => newestAfterRecovery),
    withSecret > 0 ? counted(withSecret, 'is restorable with its secret', 'are restorable with their secrets') : '',
    stale > 0 ? `${stale} ${be(stale)} older than ${age(maxAgeMs ?? 0)}` : '',
    broken > 0 ? `${broken} ${broken === 1 ? 'has' : 'have'} none` : '',
    unknown > 0 ? `${unknown} ${be(unknown)} unknown` : '',
  ]
  return `${prefix}${sentence(facts)}${asItIsNow(summary)}`
}

const be = (count: number): string => (count === 1 ? 'is' : 'are')
const has = (count: number, total: string): string => `${count} of ${total} ${count === 1 ? 'has' : 'have'}`
const sentence = (facts: readonly string[]): string => `${facts.filter((fact) => fact !== '').join('; ')}.`

function once(summary: AssessmentSummary): string {
  const paths = neededOriginPaths(summary).length
  if (paths === 0 || !summary.workloads.some(improves)) return ''
  return paths === 1 ? ' once the origin path exists' : ` once ${paths} origin paths exist`
}

function asItIsNow(summary: AssessmentSummary): string {
  const { workloads } = summary
  if (!workloads.some(improves)) return ''
  const now = workloads.filter(({ newestRestorable }) => newestRestorable !== undefined)
  const facts = [
    `Without ${neededOriginPaths(summary).length === 1 ? 'it' : 'them'}, ${now.length} of ${workloads.length}`,
    oldest(now, ({ newestRestorable }) => newestRestorable),
  ]
  return ` ${sentence(facts)}`
}

function oldest(rows: readonly WorkloadRow[], newestOf: (row: WorkloadRow) => NewestSnapshot | undefined): string {
  const found = rows.flatMap((row) => ({ row, newest: newestOf(row) })).filter(({ newest }) => newest !== undefined)
  const dated = found.filter(({ newest }) => newest?.ageMs !== undefined)
  const [first] = dated.toSorted((a, b) => (b.newest?.ageMs ?? 0) - (a.newest?.ageMs ?? 0))
  const undated = found.length - dated.length
  const facts = []
  if (first?.newest?.ageMs !== undefined) {
    const what = found.length === 1 ? 'it is' : 'the oldest of these is'
    const name = rows.length === 1 ? '' : ` (${nameOf(first.row)})`
    facts.push(`${what} ${age(first.newest.ageMs)} old${name}`)
  }
  if (undated > 0) facts.push(`the age of ${dated.length === 0 && undated === 1 ? 'it' : undated} is unknown`)
  return facts.join('; ')
}

/** One line for each cause, with the workloads that it leaves without a snapshot to restore. */
function reasons(rows: readonly WorkloadRow[], style: Style): readonly string[] {
  const cells = (['broken', 'unknown'] as const).flatMap((state) => {
    const causes = Map.groupBy(
      rows.filter((row) => row.state === state),
      ({ obstacle }) => obstacle?.why ?? 'unreadable',
    )
    return [...causes].map(([why, alike]): Cell[] => [
      state === 'broken' ? { text: 'none', tone: 'bad' } : { text: 'unknown', tone: 'unsure' },
      why,
      listed(alike.map(placeOf), maxNames),
    ])
  })
  return table([{}, {}, { overflow: 'wrap' }], cells, { style, indent: 2 })
}

function placeOf(row: WorkloadRow): string {
  const { vm, disk } = row.obstacle ?? {}
  return disk === undefined ? nameOf(row) : `${nameOf(row)} (VM ${nameText(vm ?? '?')}, disk ${nameText(disk)})`
}

const nameOf = ({ name, workloadId }: WorkloadRow): string => nameText(name ?? workloadId)
