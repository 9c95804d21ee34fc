import { counted } from '../../text/plural.ts'
import { printable } from '../../text/printable.ts'
import { plainStyle, type Style, type Tone } from '../../text/style.ts'
import { wrap } from '../../text/terminal.ts'
import type { AssessmentSummary } from '../judge/assessment-summary.ts'
import type { Subject } from '../judge/subject.ts'
import type { FindingExample, FindingSummary, Severity } from '../judge/target-finding.ts'
import { brokenLines, nameText, pathLines } from './lines.ts'
import { shortPaths } from './short-path.ts'

const maxExamples = 2
const tones: Readonly<Record<Severity, Tone>> = { error: 'bad', warning: 'unsure', note: 'quiet' }

/** One entry for each cause: how often it was found, what to do, and a few examples. */
export function findingList(
  { findings, targets }: AssessmentSummary,
  { style = plainStyle, isAll = false }: { readonly style?: Style; readonly isAll?: boolean } = {},
): readonly string[] {
  const causes = findings.filter(({ count, consequences }) => count > consequences)
  if (causes.length === 0) return []
  const legend = causes.some(({ examples }) => examples.some(({ where }) => shortPaths(where) !== where))
    ? '. Paths are below the target; * is the rest of an id'
    : ''
  return [
    style.paint('strong', `Findings, worst first${legend}`),
    ...causes.flatMap((one) => describe(one, targets, style, isAll ? Number.POSITIVE_INFINITY : maxExamples)),
  ]
}

function describe(finding: FindingSummary, targets: readonly string[], style: Style, max: number): readonly string[] {
  const { code, severity, count, consequences, restores, toDo } = finding
  const places = count - consequences
  const found = places === 1 ? '' : ` × ${places}`
  const affected = restores === 0 ? '' : `, affects ${counted(restores, 'restore')}`
  const examples = finding.examples.filter(({ followsFrom }) => followsFrom === undefined)
  const shown = examples.slice(0, max)
  return [
    `${style.paint(tones[severity], `${severity}:`)} ${style.paint('strong', code)}${found}${affected}`,
    ...wrap(`  ${toDo}`, style.columns),
    ...shown.flatMap((one) => example(one, targets, style)),
    ...(places > shown.length
      ? [`  … and ${places - shown.length} more${restOf(places, shown.length, examples)}`]
      : []),
  ]
}

const restOf = (places: number, shown: number, { length: kept }: readonly FindingExample[]): string =>
  places > kept ? '' : kept > shown ? ' (--all shows them)' : ''

function example(
  { where, message, target, ...subject }: FindingExample,
  targets: readonly string[],
  style: Style,
): readonly string[] {
  const place = target === undefined || targets.length === 1 ? undefined : `on ${printable(targets[target] ?? '?')}`
  const names = [...namesOf(subject), ...(place === undefined ? [] : [place])].join(', ')
  const text = shortPaths(printable(message))
  const path = shortPaths(printable(where))
  const isShort = !path.includes('/')
  const about = names === '' ? path : isShort ? `${names} (${path})` : names
  return [
    ...brokenLines(`    ${about}: ${text}`, style.columns).map((line, index) =>
      index === 0 ? line.replace('    ', '  - ') : line,
    ),
    ...(names === '' || isShort ? [] : pathLines(path, style.columns - 4).map((line) => `    ${line}`)),
  ]
}

function namesOf({ workload, snapshot, vm, disk }: Subject): readonly string[] {
  return [
    ...(workload === undefined ? [] : [nameText(workload)]),
    ...(vm === undefined ? [] : [`VM ${nameText(vm)}`]),
    ...(disk === undefined ? [] : [`disk ${nameText(disk)}`]),
    ...(snapshot === undefined ? [] : [`snapshot ${nameText(snapshot)}`]),
  ]
}
