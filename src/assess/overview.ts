import { age, bytes, columns } from '../text/columns.ts'
import { printable } from '../text/printable.ts'
import type { AssessmentSummary } from './judge/assessment-summary.ts'
import type { OriginPath } from './judge/origin-tally.ts'
import type { FindingSummary } from './judge/target-finding.ts'
import type { NewestSnapshot, WorkloadRow } from './judge/workload-row.ts'

const maxRows = 100
const maxBlockers = 10
const depths = {
  headers: 'headers only (what is cut off behind them is not seen)',
  tables: 'headers and tables (content was not read)',
  content: 'headers, tables and content',
} as const

/** A whole assessment for people. Nothing in it makes a terminal do anything. */
export function overview(summary: AssessmentSummary): string {
  const parts = [
    totals(summary),
    workloads(summary.workloads),
    originPaths(summary),
    blockers(summary),
    findings(summary.findings),
    ending(summary),
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

function totals({ targets, site, depth, totals: { states, ...count }, unseen }: AssessmentSummary): string {
  const skipped = count.skipped === 0 ? '' : `, ${count.skipped} more were not asked for`
  const shares: readonly (readonly [number, string])[] = [
    [states.restorable, 'restorable here now'],
    [states['after-recovery'], 'restorable once origin paths exist'],
    [states.broken, 'broken'],
    [states.unknown, 'unknown'],
  ]
  return [
    ...targets.map((target) => `Target ${printable(target)}`),
    `Judged for ${printable(site)}, by ${depths[depth]}`,
    '',
    `${count.workloads} workloads${skipped}; ${count.snapshots} snapshots, ${count.images} images, ${bytes(count.fileBytes)}`,
    `${count.disks} restores (disks of snapshots):`,
    ...columns(
      shares.map(([number, what]) => [String(number), what]),
      [true],
    ).map((line) => `  ${line}`),
    ...unseen.map((why) => `NOT ALL WAS SEEN: ${printable(why)}`),
  ].join('\n')
}

function workloads(rows: readonly WorkloadRow[]): string {
  if (rows.length === 0) return ''
  const head = [
    'workload',
    'snapshots',
    'disks',
    'chain',
    'size',
    'now',
    'after',
    'broken',
    'unknown',
    'newest now',
    'newest after recovery',
  ]
  const lines = rows
    .slice(0, maxRows)
    .map((row) => [
      printable(row.name ?? row.workloadId),
      String(row.snapshots),
      String(row.disks),
      String(row.longestChain),
      bytes(row.fileBytes),
      String(row.states.restorable),
      String(row.states['after-recovery']),
      String(row.states.broken),
      String(row.states.unknown),
      newest(row.newestRestorable),
      `${newest(row.newestAfterRecovery)}${row.isStale ? ', TOO OLD' : ''}`,
    ])
  const right = [false, ...Array<boolean>(8).fill(true), false, false]
  const more = rows.length > maxRows ? [`… and ${rows.length - maxRows} more: --json has all`] : []
  return [...columns([head, ...lines], right), ...more].join('\n')
}

function newest(snapshot: NewestSnapshot | undefined): string {
  if (snapshot === undefined) return 'none'
  const { name, snapshotId, ageMs } = snapshot
  return `${printable(name ?? snapshotId)}, ${ageMs === undefined ? 'of unknown age' : `${age(ageMs)} old`}`
}

function originPaths({ originPaths: paths, targets }: AssessmentSummary): string {
  const lines = paths.flatMap((one) =>
    one.targets.flatMap(({ target, images, isHere }) =>
      isHere
        ? []
        : [
            `  ${printable(one.path)}`,
            `    must show ${printable(targets[target] ?? '?')}; it was ${printable(whatItWas(one))}; ${images} images hang on it`,
            ...(one.taken === undefined ? [] : [`    has ${printable(one.taken)} now, which would have to go first`]),
          ],
    ),
  )
  return lines.length === 0 ? '' : ['Origin paths that are needed:', ...lines].join('\n')
}

function whatItWas({ share, rule, alternatives = [], withNewline }: OriginPath): string {
  if (share !== undefined) return [`${share}, by rule ${rule}`, ...alternatives].join(', or ')
  if (withNewline === undefined) return 'no mount path of the product'
  return `no mount path of the product: ${withNewline} was encoded with a newline at its end (echo without -n)`
}

function blockers({ blockers: all, targets }: AssessmentSummary): string {
  if (all.length === 0) return ''
  const lines = all
    .slice(0, maxBlockers)
    .flatMap(({ restores, code, where, why, target }) => [
      `  ${restores} ${restores === 1 ? 'restore' : 'restores'}: ${code}: ${printable(why)}`,
      `    ${printable(code === 'origin-path-needed' ? where : `${targets[target]}/${where}`)}`,
    ])
  return ['What blocks the most restores:', ...lines].join('\n')
}

function findings(all: readonly FindingSummary[]): string {
  if (all.length === 0) return ''
  const lines = all.flatMap(({ code, severity, count, toDo, examples }) => [
    `  ${severity}: ${code}, ${count} times. ${toDo}`.replace(', 1 times', ''),
    ...examples.map(({ where, message }) => `    ${printable(where)}: ${printable(message)}`),
    ...(count > examples.length ? [`    … and ${count - examples.length} more`] : []),
  ])
  return ['Findings:', ...lines].join('\n')
}

function ending({ exitCode, totals: { states, stale }, unseen }: AssessmentSummary): string {
  const facts = [
    states.broken > 0 ? `${states.broken} restores are broken` : '',
    stale > 0 ? `${stale} workloads have no snapshot that is new enough` : '',
    states['after-recovery'] > 0 ? `${states['after-recovery']} need origin paths` : '',
    states.unknown > 0 ? `${states.unknown} are unknown` : '',
    unseen.length > 0 ? 'not all was seen' : '',
  ].filter((fact) => fact !== '')
  const verdict = { 0: 'As asked for', 1: 'Failed', 3: 'Not judged as a whole' }[exitCode]
  return `${verdict}${facts.length === 0 ? '' : `: ${facts.join(', ')}`}.`
}
