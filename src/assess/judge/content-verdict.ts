import type { ContentLink, ContentResult } from './content-port.ts'
import type { Defect } from './defect.ts'
import type { State } from './judged-chain.ts'
import { momentText } from './past-image.ts'
import type { ImageVerdict, JudgedImage, ReadBefore } from './verdict.ts'
import type { TreeImage } from './workload-tree.ts'

/** True if all links of a disk exist, so that its content can be read. */
export function isReadable({ verdict, image }: JudgedImage): boolean {
  if (image === undefined || verdict.role !== 'disk') return false
  return verdict.state !== 'broken' && (verdict.state !== 'unknown' || isSettledByDigest(verdict.defect?.code))
}

/** True if a recorded digest shows whether the content is right all the same. */
const isSettledByDigest = (code: Defect['code'] | undefined): boolean =>
  code === 'maybe-truncated' || code === 'table-errors' || code === 'size-mismatch'

/** The links of a chain, from the disk down to the full image, by their paths. */
export function linksOf(
  image: TreeImage,
  parentOf: (image: TreeImage) => TreeImage | undefined,
  targets: readonly string[],
): readonly ContentLink[] {
  const links: ContentLink[] = []
  for (let next: TreeImage | undefined = image, keySecret: string | undefined; next !== undefined; ) {
    const { header, identity, fileBytes } = next.image
    const secretId = next.secretId ?? keySecret
    links.push({
      path: `${targets[next.target]}/${next.path}`,
      virtualBytes: header?.virtualBytes ?? 0,
      ...(header?.encryption && { encryption: header.encryption }),
      ...(secretId !== undefined && { secretId }),
      ...(identity && { file: { target: next.target, path: next.path, fileBytes, ...identity } }),
    })
    keySecret = next.parent?.keySecret
    next = parentOf(next)
  }
  return links
}

/**
 * The verdict on an image once its content was read.
 * @param before an earlier reading of its content
 */
export function withContent(judged: JudgedImage, result: ContentResult, before?: ReadBefore): JudgedImage {
  const { image } = judged
  const verdict = { ...judged.verdict, ...(before && { readBefore: before }) }
  const but = (code: Defect['code'], state: Defect['state'], why: string): JudgedImage => ({
    ...judged,
    verdict: {
      ...verdict,
      state,
      defect: { code, state, why, target: verdict.target, path: verdict.path },
      ...(code !== 'content-unknown' && { depth: 'content' }),
    },
  })
  if (result.kind !== 'read')
    return result.kind === 'broken'
      ? but('content-unreadable', 'broken', result.why)
      : but('content-unknown', 'unknown', result.why)
  const recorded = image?.row?.digest
  const { digest, date } = result
  const asRead = { digest, ...(date !== undefined && { date }) }
  if (recorded !== undefined && recorded !== digest) {
    const wrong = but('wrong-content', 'broken', `its content has the digest ${digest}, but ${recorded} was recorded`)
    return { ...wrong, verdict: { ...wrong.verdict, ...asRead } }
  }
  if (before !== undefined && before.digest !== digest) {
    const changed = but('content-changed', 'broken', differenceFrom(before, digest))
    return { ...changed, verdict: { ...changed.verdict, ...asRead } }
  }
  if (recorded === digest || before?.digest === digest) {
    const { defect: _, ...sound } = verdict
    return { ...judged, verdict: { ...sound, ...asRead, depth: 'content', state: opened(verdict) } }
  }
  // A missing end reads as zeroes. Only a recorded digest distinguishes it from content.
  if (result.doubt === undefined || isSettledByDigest(verdict.defect?.code))
    return {
      ...judged,
      verdict: { ...verdict, ...asRead, depth: 'content', state: verdict.defect?.state ?? opened(verdict) },
    }
  const doubtful = but('maybe-truncated', 'unknown', result.doubt)
  return { ...doubtful, verdict: { ...doubtful.verdict, ...asRead } }
}

function differenceFrom({ date, digest: then, isSameFiles }: ReadBefore, digest: string): string {
  const files =
    isSameFiles === undefined
      ? ''
      : `; ${isSameFiles ? 'length, time and beginning of its files are the same as then' : 'its files were written since'}`
  return `changed since ${momentText(date)}: its content has the digest ${digest}, but had ${then} then${files}`
}

/** The state of a sound disk whose content was read, with the payloads of its secrets if it is encrypted. */
const opened = ({ needs }: ImageVerdict): State => (needs.length > 0 ? 'after-recovery' : 'restorable')
