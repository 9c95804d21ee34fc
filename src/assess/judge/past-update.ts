import { isCarried, isHeavier, type PastContent, type PastFinding, type PastImage } from './past-image.ts'
import type { Present } from './past-verdict.ts'
import type { JudgedImage } from './verdict.ts'

/** More copies of one image than anyone assesses with one record. */
const maxTargets = 8

/**
 * The results to keep of one image, once it was assessed again. Undefined if there are none.
 * @param judged by the present assessment alone
 */
export function pastAfter(
  judged: JudgedImage,
  past: Omit<PastImage, 'path'> | undefined,
  present: Present,
): PastImage | undefined {
  const { verdict } = judged
  const content = contentAfter(judged, past?.content, present)
  const findings = findingsAfter(judged, past?.findings ?? [], present)
  if (content === undefined && findings.length === 0) return undefined
  return { path: verdict.path, findings, ...(content && { content }) }
}

/** Content with a defect is nothing to compare with. Content that differs does not replace what it differs from. */
function contentAfter(
  { verdict, image }: JudgedImage,
  past: PastContent | undefined,
  { date, tool, target, chain }: Present,
): PastContent | undefined {
  const { digest, defect, virtualBytes = 0 } = verdict
  if (digest === undefined || defect !== undefined) return past
  const { identity, fileBytes = 0 } = image?.image ?? {}
  return {
    date,
    tool,
    target,
    digest,
    virtualBytes,
    ...(identity && { file: { bytes: fileBytes, writtenMs: identity.writtenMs, head: identity.head } }),
    ...(chain !== undefined && { chain }),
  }
}

/** Each target keeps the finding of the heaviest depth until that depth, or a heavier one, is repeated. */
function findingsAfter(
  { verdict }: JudgedImage,
  past: readonly PastFinding[],
  { date, tool, target, chain, scanDepth }: Present,
): readonly PastFinding[] {
  const depth = verdict.depth ?? scanDepth
  const others = past.filter((one) => one.target !== target)
  const own = past.find((one) => one.target === target)
  if (own !== undefined && isHeavier(own.depth, depth)) return past
  const { defect } = verdict
  if (defect === undefined || !isCarried(defect.code)) return others
  const { code, state, path, why } = defect
  const finding = { date, tool, target, depth, code, state, path, why, ...(chain !== undefined && { chain }) }
  return [...others, finding].slice(-maxTargets)
}
