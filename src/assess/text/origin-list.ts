import { counted } from '../../text/plural.ts'
import { printable } from '../../text/printable.ts'
import { plainStyle, type Style } from '../../text/style.ts'
import type { AssessmentSummary } from '../judge/assessment-summary.ts'
import type { OriginPath } from '../judge/origin-tally.ts'
import { brokenLines } from './lines.ts'

/** The origin paths that the site does not have, or that do not show what they must. */
export function neededOriginPaths({ originPaths }: AssessmentSummary): readonly OriginPath[] {
  return originPaths.filter(({ targets }) => targets.some(({ isHere }) => !isHere))
}

/** The origin paths that a site lacks, each with what it has to show. */
export function originList(summary: AssessmentSummary, style: Style = plainStyle): readonly string[] {
  const needed = neededOriginPaths(summary)
  if (needed.length === 0) return []
  const lines = needed.flatMap((one) => [
    `  ${printable(one.path)}`,
    ...one.targets.flatMap(({ target, images, isHere }) =>
      isHere
        ? []
        : [
            `    must show ${printable(summary.targets[target] ?? '?')}`,
            ...brokenLines(`    was ${printable(formerShare(one))}`, style.columns),
            `    ${counted(images, 'image needs', 'images need')} it`,
          ],
    ),
    ...(one.taken === undefined
      ? []
      : brokenLines(`    ${printable(one.taken)} is mounted there now; unmount it first`, style.columns)),
  ])
  return [style.paint('strong', 'Origin paths to provide'), ...lines]
}

function formerShare({ isBase, share, rule, alternatives = [], withNewline }: OriginPath): string {
  if (share !== undefined) return `the mount path of ${[`${share} (rule ${rule})`, ...alternatives].join(', or ')}`
  if (isBase) return 'a base directory itself, where the start script of RHOSO mounts a share with an IPv6 address'
  if (withNewline === undefined) return 'not a mount path of the product'
  return `not a mount path of the product: ${withNewline} was encoded with a trailing newline (echo without -n)`
}
