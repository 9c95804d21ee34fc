import type { ImageRecord } from '../backup/catalog.ts'
import { InputError } from '../errors.ts'
import type { SitePlan } from '../lab/topology/site-plan.ts'

/** An image, with the share that it was written to, and its origin path. */
export interface Holding {
  readonly image: ImageRecord
  readonly share: string
  readonly originPath: string
}

/** An origin path, and the local path of the same data on a site. */
export interface OriginPair {
  readonly origin: string
  readonly local: string
}

export interface PairChoice {
  /** A share in the configuration of the site. */
  readonly share: string | undefined
  readonly origin: string | undefined
}

/**
 * The images on each share and on its replicas, and so the local path for each origin path. One share can have several
 * origin paths: a site that mounted it elsewhere has written under another one.
 */
export class Holdings {
  readonly #holdings: Holding[] = []
  /** The originals of replicas, by the replica. */
  readonly #originals = new Map<string, string>()

  add(holding: Holding): void {
    this.#holdings.push(holding)
  }

  /** Removes the images of a deleted snapshot, also from the chains of others. */
  removeSnapshot(snapshotId: string): void {
    const isGone = ({ image }: Holding) => image.snapshotId === snapshotId
    const gone = new Set(this.#holdings.filter(isGone).map(({ image }) => image.path))
    const left = this.#holdings.filter((holding) => !isGone(holding))
    this.#holdings.splice(0, this.#holdings.length)
    for (const { image, ...place } of left) {
      const chain = image.chain.filter((path) => !gone.has(path))
      this.#holdings.push({ ...place, image: { ...image, chain, ...(chain.length === 1 && { type: 'full' }) } })
    }
  }

  addReplica(copy: string, original: string): void {
    this.#originals.set(copy, this.#original(original))
  }

  /** Adds the holdings of another rehearsal. */
  adopt(others: Holdings): void {
    this.#holdings.push(...others.#holdings)
    for (const [copy, original] of others.#originals) this.#originals.set(copy, original)
  }

  get images(): readonly ImageRecord[] {
    return this.#holdings.map(({ image }) => image)
  }

  /** Returns the images on a share, or on its original. */
  imagesOn(share: string): readonly ImageRecord[] {
    return this.#on(share).map(({ image }) => image)
  }

  /**
   * Returns the origin path of all images, or of those on one share.
   * @throws InputError if they have none, or more than one
   */
  originPathOf(share?: string): string {
    const holdings = share === undefined ? this.#holdings : this.#on(share)
    const [path, ...others] = new Set(holdings.map(({ originPath }) => originPath))
    const of = share === undefined ? '' : ` of ${share}`
    if (path === undefined) throw new InputError(`no origin path${of} is known: nothing was backed up yet`)
    if (others.length > 0) throw new InputError(`more than one origin path${of}: ${[path, ...others].join(', ')}`)
    return path
  }

  get originPaths(): readonly string[] {
    return [...new Set(this.#holdings.map(({ originPath }) => originPath))]
  }

  /** Returns the share that images under an origin path were written to. @throws InputError if it has no image */
  shareOf(originPath: string): string {
    const holding = this.#holdings.find((one) => one.originPath === originPath)
    if (holding === undefined) throw new InputError(`nothing was backed up under the origin path ${originPath}`)
    return holding.share
  }

  /** Returns the path by which an image names its parent. @throws InputError if it has none */
  parentPathOf(image: ImageRecord): string {
    const [, parent] = image.chain
    if (parent === undefined) throw new InputError(`the image ${image.path} has no parent`)
    return `${this.#of(image).originPath}/${parent}`
  }

  /** Returns the mount path of an image's share on a site. @throws InputError if the site does not mount it */
  localPathOf(image: ImageRecord, site: SitePlan): string {
    return this.#localPath(this.#of(image).share, site)
  }

  /**
   * Returns each origin path with the local path of the same data on a site. With `origin`, that one only. With `share`,
   * the local path of this share, right or wrong, for the only origin path.
   * @throws InputError if a path or share is unknown, or if an origin path would need two shares at once
   */
  originPairs(site: SitePlan, { share, origin }: Partial<PairChoice> = {}): readonly OriginPair[] {
    if (share !== undefined) {
      const mounted = site.shares.find((one) => one.share.text === share)
      if (mounted === undefined) throw new InputError(`site ${site.name} does not mount ${share}`)
      return [{ origin: origin ?? this.originPathOf(), local: mounted.mountPath }]
    }
    const pairs = new Map<string, string>()
    for (const holding of this.#holdings) {
      const { originPath } = holding
      if (origin !== undefined && originPath !== origin) continue
      const [local, other] = [this.#localPath(holding.share, site), pairs.get(originPath)]
      if (other !== undefined && other !== local)
        throw new InputError(`the origin path ${originPath} cannot lead to both ${other} and ${local}`)
      pairs.set(originPath, local)
    }
    if (pairs.size > 0) return [...pairs].map(([path, local]) => ({ origin: path, local }))
    const known = [...new Set(this.#holdings.map(({ originPath }) => originPath))].join(', ') || 'none'
    throw new InputError(`nothing was backed up under the origin path ${origin ?? ''}; known: ${known}`)
  }

  #of(image: ImageRecord): Holding {
    const holding = this.#holdings.find((one) => one.image.path === image.path)
    if (holding === undefined) throw new InputError(`the image ${image.path} was not backed up`)
    return holding
  }

  #on(share: string): readonly Holding[] {
    return this.#holdings.filter((one) => this.#original(one.share) === this.#original(share))
  }

  #localPath(share: string, site: SitePlan): string {
    const mounted = site.shares.find((one) => this.#original(one.share.text) === this.#original(share))
    if (mounted === undefined) throw new InputError(`site ${site.name} mounts neither ${share} nor a replica of it`)
    return mounted.mountPath
  }

  #original(share: string): string {
    return this.#originals.get(share) ?? share
  }
}
