import type { OriginNeed } from '../site/site-mounts.ts'
import type { Defect } from './defect.ts'
import { disagreement, lostParent } from './identity.ts'
import { ownDefect } from './own-defect.ts'
import { type JudgedParent, ParentResolver, type ResolveContext } from './parent-resolver.ts'
import { sizeDefect } from './record-sizes.ts'
import type { TreeImage, WorkloadTree } from './workload-tree.ts'

/**
 * The verdict on a restore. `restorable`: it succeeds on the site as it is; `after-recovery`: it succeeds once origin paths
 * exist; `with-secret`: it succeeds with the payloads of secrets, which were not tried, and once origin paths exist;
 * `broken`: it fails, whatever the site does; `unknown`: undetermined.
 */
export type State = 'restorable' | 'after-recovery' | 'with-secret' | 'broken' | 'unknown'

/** An image with all images that it reads through. */
export interface JudgedChain {
  readonly state: State
  /** The number of links that were found, the image included. */
  readonly length: number
  readonly defect?: Defect
  /** The origin paths that the site lacks. */
  readonly needs: readonly OriginNeed[]
  /** All origin paths that its names use, existing ones included. */
  readonly originPaths: readonly string[]
  /** The ids of the secrets that open its encrypted links; `unnamedSecret` for one that no record or name states. */
  readonly secrets: readonly string[]
  /** Undefined if it has none, or none was found. */
  readonly parent?: TreeImage
}

/** In place of the id of a secret that no record or name states. */
export const unnamedSecret = '?'

/** Longer chains are reported. */
export const longChainLinks = 100
/** QEMU opens all links at once, and a process may open 1024 files by default. 1000 links worked, 1100 did not. */
const maxLinks = 1000

/** Judges chains, each link once: the verdict on a link is part of the verdict on every link above it. */
export class Chains {
  readonly #resolver: ParentResolver
  readonly #known = new Map<TreeImage, JudgedChain>()

  constructor(tree: WorkloadTree, context: ResolveContext) {
    this.#resolver = new ParentResolver(tree, context)
  }

  /** Workloads that hold parents, but are not in the tree. */
  get wantedWorkloads(): ReadonlySet<string> {
    return this.#resolver.wantedWorkloads
  }

  /** Iterates, because a chain may be too long for recursion. */
  of(image: TreeImage): JudgedChain {
    const open: { readonly image: TreeImage; readonly place: JudgedParent | undefined }[] = []
    const visited = new Set<TreeImage>()
    let below: JudgedChain | undefined
    for (let next: TreeImage | undefined = image; next !== undefined; ) {
      below = this.#known.get(next)
      if (below !== undefined) break
      if (visited.has(next)) {
        below = closed(next)
        break
      }
      visited.add(next)
      const place = this.#resolver.placeOf(next)
      open.push({ image: next, place })
      next = place?.kind === 'found' ? place.image : undefined
    }
    for (const one of open.toReversed()) {
      below = extend(one.image, one.place, below)
      this.#known.set(one.image, below)
    }
    if (below === undefined) throw new RangeError('a chain has at least one link')
    return below
  }
}

function closed({ target, path }: TreeImage): JudgedChain {
  const defect: Defect = { code: 'cycle', state: 'broken', why: 'its chain returns to itself', target, path }
  return { state: 'broken', length: 0, defect, needs: [], originPaths: [], secrets: [] }
}

function extend(image: TreeImage, place: JudgedParent | undefined, below: JudgedChain | undefined): JudgedChain {
  const length = 1 + (below?.length ?? 0)
  const need = place?.kind === 'found' ? place.need : undefined
  const originPath = place?.kind === 'found' ? place.originPath : undefined
  const needs = withNeed(below?.needs ?? [], need)
  const secrets = secretsOf(image, below)
  const about = {
    length,
    needs,
    originPaths: withOne(below?.originPaths ?? [], originPath),
    secrets,
    ...(place?.kind === 'found' && { parent: place.image }),
  }
  const defect = worst([...defectsOf(image, place, needs, length), ...(below?.defect ? [below.defect] : [])])
  if (defect !== undefined) return { ...about, state: defect.state, defect }
  if (secrets.length > 0) return { ...about, state: 'with-secret' }
  return { ...about, state: needs.length > 0 ? 'after-recovery' : 'restorable' }
}

function defectsOf(
  image: TreeImage,
  place: JudgedParent | undefined,
  needs: readonly OriginNeed[],
  length: number,
): Defect[] {
  const { target, path } = image
  const defects: (Pick<Defect, 'code' | 'state' | 'why' | 'parentPath'> | undefined)[] = [ownDefect(image.image)]
  defects.push(sizeDefect(image))
  if (place?.kind === 'defect') defects.push(place)
  else if (place?.kind === 'found') defects.push(...linkDefects(image, place.image), place.taken)
  else defects.push(lostParent(image))
  const twice = needs.find(({ originPath }, nth) => needs.findIndex((one) => one.originPath === originPath) < nth)
  if (twice !== undefined)
    defects.push({
      code: 'two-shares-on-one-mount-path',
      state: 'broken',
      why: `${twice.originPath} would have to show two targets at once`,
    })
  if (length > maxLinks)
    defects.push({ code: 'chain-too-long', state: 'unknown', why: `its chain has more than ${maxLinks} links` })
  return defects.flatMap((defect) => (defect === undefined ? [] : { ...defect, target, path }))
}

function linkDefects(image: TreeImage, parent: TreeImage): (Pick<Defect, 'code' | 'state' | 'why'> | undefined)[] {
  const format = image.parent?.format
  const isWrong = format !== undefined && format !== 'qcow2'
  const isClosed = parent.image.header?.encryption !== undefined && image.parent?.keySecret === undefined
  return [
    disagreement(image, parent),
    isWrong
      ? { code: 'backing-format-wrong', state: 'broken', why: `its header declares its parent as ${format}` }
      : undefined,
    isClosed
      ? { code: 'secret-not-named', state: 'unknown', why: 'its parent is encrypted, but its name states no secret' }
      : undefined,
  ]
}

/** Prefers a cycle, which explains the others, then the first proof that the chain is broken. */
function worst(defects: readonly Defect[]): Defect | undefined {
  return defects.find(({ code }) => code === 'cycle') ?? defects.find(({ state }) => state === 'broken') ?? defects[0]
}

/** The secrets of a chain. A parent without a recorded secret may have one in the name that its child gives it. */
function secretsOf({ image, secretId, parent }: TreeImage, below: JudgedChain | undefined): readonly string[] {
  const inName = parent?.keySecret
  const lower = below?.secrets ?? []
  const named = inName !== undefined && lower.includes(unnamedSecret) ? resolved(lower, inName) : lower
  if (image.header?.encryption === undefined) return named
  return withOne(named, secretId ?? inName ?? unnamedSecret)
}

const resolved = (secrets: readonly string[], id: string): readonly string[] => [
  ...new Set(secrets.map((one) => (one === unnamedSecret ? id : one))),
]

/** Returns the same list if nothing is added: links of one chain share it. */
function withOne(list: readonly string[], one: string | undefined): readonly string[] {
  return one === undefined || list.includes(one) ? list : [...list, one]
}

function withNeed(needs: readonly OriginNeed[], need: OriginNeed | undefined): readonly OriginNeed[] {
  const isKnown = needs.some(({ originPath, target }) => originPath === need?.originPath && target === need.target)
  return need === undefined || isKnown ? needs : [...needs, need]
}
