/** The uses of a cluster of an image's file. A cluster may have several. */
export const clusterUse = {
  /** The header, L1 table, or anything else but L2 tables and content. */
  metadata: 1,
  /** An L2 table of the disk. */
  l2Table: 2,
  /** Content that a restore reads. */
  data: 4,
  /** A cluster that an entry names, and a restore does not read. */
  unread: 8,
  compressed: 16,
  /** A table or content of an internal snapshot. */
  snapshot: 32,
  /** An entry with the flag for a refcount of 1 refers to it. */
  copied: 64,
  /** An entry without that flag refers to it. */
  shared: 128,
} as const

export interface ClusterPage {
  readonly counts: Uint8Array
  readonly uses: Uint8Array
}

const maxPageBits = 16
/** 128 MiB: a file of 4 TiB in clusters of 64 KiB that is full. */
const maxPages = 1024
const maxCount = 255

/** An image refers to more clusters than are worth counting. */
export class TooManyClustersError extends Error {}

/**
 * Counts the references to each cluster of a file, and keeps their uses. Takes two bytes for a cluster, and only for the
 * parts of the file that anything refers to.
 */
export class ClusterUses {
  readonly #pageBits: number
  readonly #pages = new Map<number, ClusterPage>()
  /** Counts that do not fit in a byte. */
  readonly #high = new Map<number, number>()
  /** The page of the last reference: the next one is most likely there too. */
  #last: ClusterPage = { counts: new Uint8Array(0), uses: new Uint8Array(0) }
  #lastFrom = 0

  constructor(clusters: number) {
    let bits = 4
    while (bits < maxPageBits && 2 ** bits < clusters) bits++
    this.#pageBits = bits
  }

  /** Number of clusters in a page. */
  get pageClusters(): number {
    return 2 ** this.#pageBits
  }

  /**
   * Counts one more reference.
   * @returns the uses of the cluster until now
   * @throws TooManyClustersError
   */
  add(cluster: number, use: number): number {
    const page = this.#pageOf(cluster)
    const at = cluster - this.#lastFrom
    const before = page.uses[at] ?? 0
    page.uses[at] = before | use
    const count = page.counts[at] ?? 0
    if (count < maxCount) page.counts[at] = count + 1
    else this.#high.set(cluster, (this.#high.get(cluster) ?? maxCount) + 1)
    return before
  }

  /**
   * Counts the first reference to a cluster.
   * @returns false, and counts nothing, if there is one already
   * @throws TooManyClustersError
   */
  addFirst(cluster: number, use: number): boolean {
    const page = this.#pageOf(cluster)
    const at = cluster - this.#lastFrom
    if (page.counts[at] !== 0) return false
    page.counts[at] = 1
    page.uses[at] = use
    return true
  }

  /** Undefined if nothing refers to any cluster of the page. */
  page(index: number): ClusterPage | undefined {
    return this.#pages.get(index)
  }

  /** The numbers of the pages with a cluster in use, from `first` to `last`. */
  *pagesBetween(first: number, last: number): Generator<number> {
    if (last - first < this.#pages.size) {
      for (let index = first; index <= last; index++) if (this.#pages.has(index)) yield index
    } else for (const index of this.#pages.keys()) if (index >= first && index <= last) yield index
  }

  /** The exact number of references to a cluster, by what its page has. */
  countOf(cluster: number, inPage: number): number {
    return inPage < maxCount ? inPage : (this.#high.get(cluster) ?? inPage)
  }

  #pageOf(cluster: number): ClusterPage {
    const at = cluster - this.#lastFrom
    if (at >= 0 && at < this.#last.counts.length) return this.#last
    const index = Math.floor(cluster / this.pageClusters)
    this.#last = this.#pageAt(index)
    this.#lastFrom = index * this.pageClusters
    return this.#last
  }

  #pageAt(index: number): ClusterPage {
    const known = this.#pages.get(index)
    if (known === undefined && this.#pages.size >= maxPages) throw new TooManyClustersError()
    const page = known ?? {
      counts: new Uint8Array(this.pageClusters),
      uses: new Uint8Array(this.pageClusters),
    }
    if (known === undefined) this.#pages.set(index, page)
    return page
  }
}
