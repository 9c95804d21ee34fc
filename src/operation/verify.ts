import { parseBackingName } from '../image/backing-name.ts'
import { compareByNames } from '../image/qemu.ts'
import { runBatch } from '../restore/batch.ts'
import type { User } from '../shell/shell.ts'
import { originOf } from '../target/origin.ts'
import type { ImageOnTarget } from './images.ts'
import { type Member, type Outcome, onMembers } from './team.ts'

export type Thoroughness = 'none' | 'sample' | 'all'

/** What came of reading chains on one node. */
export interface NodeVerdict {
  readonly state: 'pass' | 'fail' | 'unknown'
  readonly read: number
  readonly why?: string
}

export interface VerifyOptions {
  readonly thoroughness: Exclude<Thoroughness, 'none'>
  readonly targets: readonly string[]
  readonly user: User
  readonly signal: AbortSignal
}

/**
 * Restores, without keeping what comes out: on every node, as the product's user and where its service runs, each chain is
 * read by the names in its images, and must hold what the tree holds under these names, to the last byte. Exit codes of a
 * mere reading say nothing: a wrong share at the right path reads well.
 */
export async function verify(
  members: readonly Member[],
  images: readonly ImageOnTarget[],
  { thoroughness, targets, user, signal }: VerifyOptions,
): Promise<readonly Outcome<NodeVerdict>[]> {
  const chainOf = chainReader(images, targets)
  const chosen = (thoroughness === 'all' ? images : sampleOf(images)).map(chainOf)
  return await onMembers(members, (member) => verifyOn(member, chosen, user, signal), signal)
}

interface Chain {
  /** Absolute, the image itself first. */
  readonly links: readonly string[]
  /** Why it is not known what it should read as. */
  readonly unknown?: string
}

async function verifyOn(
  { shell, service }: Member,
  chains: readonly Chain[],
  user: User,
  signal: AbortSignal,
): Promise<NodeVerdict> {
  let inside = shell
  try {
    inside = (await service?.()) ?? shell
  } catch (error) {
    return { state: 'unknown', read: 0, why: (error as Error).message }
  }
  const known = chains.filter(({ unknown }) => unknown === undefined)
  const jobs = known.map(({ links }, index) => ({ id: `${index}`, argv: compareByNames(links) }))
  const outcomes = await runBatch(inside, jobs, { part: 'reading', user, stallMs: 60_000, signal })
  for (const [index, { links }] of known.entries()) {
    const attempt = outcomes.get(`${index}`)?.attempt
    if (attempt?.ended === 'exited' && attempt.exitCode === 0) continue
    const why = attempt?.exitCode === 1 ? 'it reads as something else than what is there' : attempt?.stderr.trim()
    return { state: 'fail', read: index, why: `${links[0]}: ${why || attempt?.ended || 'it was not tried'}` }
  }
  const [odd] = chains.filter(({ unknown }) => unknown !== undefined)
  if (odd !== undefined) return { state: 'unknown', read: known.length, why: `${odd.links[0]}: ${odd.unknown}` }
  if (known.length === 0) return { state: 'unknown', read: 0, why: 'there is no chain to read' }
  return { state: 'pass', read: known.length }
}

/** The newest image of each workload on each target that names a parent, or the newest at all. */
function sampleOf(images: readonly ImageOnTarget[]): readonly ImageOnTarget[] {
  const newest = new Map<string, ImageOnTarget>()
  for (const image of images) {
    const key = `${image.target}/${image.path.split('/')[0]}`
    const other = newest.get(key)
    const isBetter = other === undefined || Number(image.parent !== undefined) - Number(other.parent !== undefined) > 0
    const isNewer = (image.parent === undefined) === (other?.parent === undefined) && image.mtime > (other?.mtime ?? 0)
    if (isBetter || isNewer) newest.set(key, image)
  }
  return [...newest.values()]
}

/** An image with its parents, as the tree has them: by the part of a name that is below its mount path. */
function chainReader(images: readonly ImageOnTarget[], targets: readonly string[]): (image: ImageOnTarget) => Chain {
  const byPath = Map.groupBy(images, ({ path }) => path)
  const parents = new Map<ImageOnTarget, ImageOnTarget | undefined>()
  const parentOf = (image: ImageOnTarget): ImageOnTarget | undefined => {
    if (!parents.has(image)) {
      const name = parseBackingName(image.parent ?? '')
      const path = 'path' in name ? name.path : undefined
      const candidates = byPath.get((path === undefined ? undefined : originOf(path)?.path) ?? '') ?? []
      parents.set(image, candidates.find(({ target }) => target === image.target) ?? candidates[0])
    }
    return parents.get(image)
  }
  return (image) => {
    const links = new Set([image])
    let unknown = image.isEncrypted === true ? 'it is encrypted, and its secret is not at hand' : undefined
    for (let last = image; last.parent !== undefined && unknown === undefined; ) {
      const parent = parentOf(last)
      if (parent === undefined) unknown = 'a parent of it is on no given target'
      else if (links.has(parent)) unknown = 'it is its own parent'
      else if (parent.isEncrypted === true) unknown = 'a parent is encrypted'
      else links.add(parent)
      last = parent ?? last
    }
    const paths = [...links].map(({ target, path }) => `${targets[target]}/${path}`)
    return { links: paths, ...(unknown !== undefined && { unknown }) }
  }
}
