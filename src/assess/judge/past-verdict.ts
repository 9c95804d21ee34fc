import type { Defect } from './defect.ts'
import { type Depth, isHeavier, momentText, type PastContent, type PastFinding, type PastImage } from './past-image.ts'
import type { JudgedImage } from './verdict.ts'

/** The present assessment of an image, as far as it is compared with earlier ones. */
export interface Present {
  readonly date: string
  /** The version of dr-drill. */
  readonly tool: string
  /** The depth of a verdict that does not rest on content. */
  readonly scanDepth: Depth
  /** Absolute. */
  readonly target: string
  /** Identifies the files of its chain. Undefined if one of them could not be read. */
  readonly chain: string | undefined
}

/** One image of a chain, as it was and as it is. */
export interface PastLink {
  readonly path: string
  readonly past: PastImage
  readonly present: Present
}

type OwnDefect = Pick<Defect, 'code' | 'state' | 'why' | 'path'>

/** True if the files are those of an earlier assessment. Undefined if that cannot be known. */
export function areSameFiles(past: PastContent | PastFinding, { target, chain }: Present): boolean | undefined {
  if (chain === undefined || past.chain === undefined) return undefined
  if (past.chain === chain) return true
  // Another copy has other times.
  return past.target === target ? false : undefined
}

/**
 * The verdict on an image with what a heavier depth found before: a lighter one cannot clear it.
 * @param links its own past first, then those of the images that it reads through, as far as they have one
 */
export function withPast(judged: JudgedImage, links: readonly PastLink[], scanDepth: Depth): JudgedImage {
  const { verdict } = judged
  if (verdict.state === 'broken') return judged
  const own = links.find(({ path }) => path === verdict.path)
  const carried = links.flatMap((link) => {
    const finding = heavierFinding(link, verdict.depth ?? scanDepth)
    if (finding === undefined || (link !== own && wasReadSince(own, finding))) return []
    return { finding, defect: link === own ? ownDefect(finding, link) : defectOfLink(finding, link) }
  })
  const worst = carried.find(({ defect }) => defect.state === 'broken') ?? carried[0]
  if (worst === undefined || (verdict.state === 'unknown' && worst.defect.state === 'unknown')) return judged
  const { defect, finding } = worst
  const basis = defect.code === 'assess-again' ? {} : { depth: finding.depth, date: finding.date }
  return {
    ...judged,
    verdict: { ...verdict, ...basis, state: defect.state, defect: { ...defect, target: verdict.target } },
  }
}

/** The verdict on a disk that is missing, with the date when its content was read. */
export function withLostContent(judged: JudgedImage, content: PastContent | undefined): JudgedImage {
  const { verdict } = judged
  if (content === undefined || verdict.isThere || verdict.defect === undefined) return judged
  const why = `${verdict.defect.why}; its content was read on ${momentText(content.date)}`
  return { ...judged, verdict: { ...verdict, defect: { ...verdict.defect, why } } }
}

function heavierFinding({ past: { findings, content }, present }: PastLink, depth: Depth): PastFinding | undefined {
  const { target, chain } = present
  const ofThis = findings.find((one) => one.target === target)
  const isReadSince = (one: PastFinding) => content?.target === target && content.date >= one.date
  // The same files at another path.
  const ofOther = findings.find((one) => chain !== undefined && one.chain === chain && !isReadSince(one))
  const found = ofThis ?? ofOther
  return found !== undefined && isHeavier(found.depth, depth) ? found : undefined
}

/** True if the content of a disk was sound after a finding about one of its links: an image can hide a part of its parent. */
function wasReadSince(own: PastLink | undefined, { date }: PastFinding): boolean {
  if (own?.past.content === undefined) return false
  const { content } = own.past
  return content.date >= date && areSameFiles(content, own.present) === true
}

function ownDefect(finding: PastFinding, { present }: PastLink): OwnDefect {
  const isSame = areSameFiles(finding, present)
  if (isSame === false) return toAssessAgain(finding, 'and its files have changed since')
  const { code, state, path, why, depth, date } = finding
  const files = isSame ? 'its files are the same as then' : 'whether its files are the same is unknown'
  return { code, state, path, why: `${why}; found with --depth ${depth} on ${momentText(date)}, and ${files}` }
}

/** Defects of a file break whatever reads it. Wrong content of a parent may be hidden by the images above it. */
function defectOfLink(finding: PastFinding, link: PastLink): OwnDefect {
  const isOfFile = finding.path === link.path && finding.depth === 'tables'
  if (isOfFile) return ownDefect(finding, link)
  return toAssessAgain({ ...finding, path: link.path }, `and is read through: ${link.path}`)
}

function toAssessAgain({ code, state, depth, date, path }: PastFinding, and: string): OwnDefect {
  const why = `was ${state} (${code}) with --depth ${depth} on ${momentText(date)}, ${and}`
  return { code: 'assess-again', state: 'unknown', why, path }
}
