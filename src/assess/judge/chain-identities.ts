import { createHash } from 'node:crypto'
import type { TreeImage } from './workload-tree.ts'

/** Identifies the files of chains by path, length, time of the last change, and beginning. Each link is hashed once. */
export class ChainIdentities {
  readonly #parentOf: (image: TreeImage) => TreeImage | undefined
  readonly #known = new Map<TreeImage, string | undefined>()

  constructor(parentOf: (image: TreeImage) => TreeImage | undefined) {
    this.#parentOf = parentOf
  }

  /** The image and its parents, down to the full image. Ends where a chain returns to itself. */
  linksOf(image: TreeImage): readonly TreeImage[] {
    const links = new Set<TreeImage>()
    for (let next: TreeImage | undefined = image; next !== undefined && !links.has(next); next = this.#parentOf(next))
      links.add(next)
    return [...links]
  }

  /** Undefined if one of the files was not identified. Iterates, because a chain may be too long for recursion. */
  of(image: TreeImage): string | undefined {
    if (this.#known.has(image)) return this.#known.get(image)
    const open: TreeImage[] = []
    let below: string | undefined = ''
    for (const link of this.linksOf(image)) {
      if (this.#known.has(link)) {
        below = this.#known.get(link)
        break
      }
      open.push(link)
    }
    for (const link of open.toReversed()) {
      const { identity, fileBytes } = link.image
      below =
        identity === undefined || below === undefined
          ? undefined
          : hash([below, link.path, fileBytes, identity.writtenMs, identity.head])
      this.#known.set(link, below)
    }
    return below
  }
}

const hash = (facts: readonly (string | number)[]): string =>
  createHash('sha256').update(JSON.stringify(facts)).digest('hex')
