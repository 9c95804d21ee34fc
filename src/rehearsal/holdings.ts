import type { ImageRecord } from '../backup/catalog.ts'
import { InputError } from '../errors.ts'
import type { SitePlan } from '../lab/topology/site-plan.ts'

/** An image, the share that it was written to, and the mount path that it was written under. */
export interface Holding {
  readonly image: ImageRecord
  readonly share: string
  readonly originPath: string
}

/** An origin path, and where a site has mounted what it stands for. */
export interface OriginPair {
  readonly origin: string
  readonly local: string
}

export interface PairChoice {
  /** Of the site, as it is configured there. */
  readonly share: string | undefined
  readonly origin: string | undefined
}

/**
 * Which share holds which images, replicas included, and so which local path stands for which origin path. One share
 * may have several origin paths: whatever mounted it elsewhere has written under another one.
 */
export class Holdings {
  readonly #holdings: Holding[] = []
  /** Of each replica, the share that was replicated. */
  readonly #originals = new Map<string, string>()

  add(holding: Holding): void {
    this.#holdings.push(holding)
  }

  addReplica(copy: string, of: string): void {
    this.#originals.set(copy, this.#original(of))
  }

  /** All that others hold. */
  takeOver(others: Holdings): void {
    this.#holdings.push(...others.#holdings)
    for (const [copy, of] of others.#originals) this.#originals.set(copy, of)
  }

  get images(): readonly ImageRecord[] {
    return this.#holdings.map(({ image }) => image)
  }

  /** Those that the share, or what it is a replica of, was written. */
  imagesOn(share: string): readonly ImageRecord[] {
    return this.#on(share).map(({ image }) => image)
  }

  /**
   * The origin path of the images; of those on one share, where one is named.
   * @throws InputError when there is none, or more than one
   */
  originPathOf(share?: string): string {
    const holdings = share === undefined ? this.#holdings : this.#on(share)
    const [path, ...others] = new Set(holdings.map(({ originPath }) => originPath))
    const of = share === undefined ? '' : ` of ${share}`
    if (path === undefined) throw new InputError(`there is no origin path${of}: nothing was backed up there yet`)
    if (others.length > 0) throw new InputError(`which origin path${of}? There are ${[path, ...others].join(', ')}`)
    return path
  }

  /** The share that was mounted at an origin path when images were written there. @throws InputError when none was */
  shareOf(originPath: string): string {
    const holding = this.#holdings.find((one) => one.originPath === originPath)
    if (holding === undefined) throw new InputError(`nothing was backed up under the origin path ${originPath}`)
    return holding.share
  }

  /** What an image names as its parent. @throws InputError for one that has none */
  parentPathOf(image: ImageRecord): string {
    const [, parent] = image.chain
    if (parent === undefined) throw new InputError(`the image ${image.path} has no parent`)
    return `${this.#of(image).originPath}/${parent}`
  }

  /** @throws InputError when the site mounts no share with the image */
  localPathOf(image: ImageRecord, site: SitePlan): string {
    return this.#localPath(this.#of(image).share, site)
  }

  /**
   * What the site needs: each origin path with the local path that holds the same data. Or for one origin path only; or
   * with the share that is named, right or wrong, at the one origin path that there is.
   * @throws InputError when there is no such thing, or when an origin path would have to be two shares at once
   */
  originPairs(site: SitePlan, { share, origin }: Partial<PairChoice> = {}): readonly OriginPair[] {
    if (share !== undefined) {
      const mounted = site.shares.find((one) => one.share.text === share)
      if (mounted === undefined) throw new InputError(`the site ${site.name} does not mount ${share}`)
      return [{ origin: origin ?? this.originPathOf(), local: mounted.mountPath }]
    }
    const pairs = new Map<string, string>()
    for (const holding of this.#holdings) {
      const { originPath } = holding
      if (origin !== undefined && originPath !== origin) continue
      const [local, other] = [this.#localPath(holding.share, site), pairs.get(originPath)]
      if (other !== undefined && other !== local)
        throw new InputError(`the origin path ${originPath} stands for both ${other} and ${local}`)
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
    if (mounted === undefined) throw new InputError(`the site ${site.name} does not mount what was on ${share}`)
    return mounted.mountPath
  }

  #original(share: string): string {
    return this.#originals.get(share) ?? share
  }
}
