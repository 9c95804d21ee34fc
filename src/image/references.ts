import { ClusterUses, clusterUse } from './cluster-use.ts'
import type { ImageHeader } from './header.ts'
import { type TableVerdict, worse } from './table-verdict.ts'

interface MetadataRange {
  readonly what: string
  readonly from: number
  readonly end: number
  /** True for what a restore reads by: the header and the L1 table of the disk. */
  readonly isNeeded: boolean
}

const { metadata, l2Table, data, unread, compressed, snapshot, copied, shared } = clusterUse

/** Collects everything that an image's tables refer to, and finds what two of them claim. */
export class References {
  readonly uses: ClusterUses
  /** True if an entry of an L2 table of the disk is in use. */
  hasContent = false
  readonly #clusterBytes: number
  readonly #fileClusters: number
  readonly #ranges: MetadataRange[] = []
  /** The first irregularity that reading does not depend on. */
  #minor: TableVerdict | undefined
  /** The first irregular entry that leads to content. */
  #suspect: TableVerdict | undefined

  constructor({ clusterBytes }: Pick<ImageHeader, 'clusterBytes'>, fileBytes: number) {
    this.#clusterBytes = clusterBytes
    this.#fileClusters = Math.ceil(fileBytes / clusterBytes)
    this.uses = new ClusterUses(this.#fileClusters)
  }

  /** The worst of what was noted. */
  get noted(): TableVerdict | undefined {
    return this.#suspect ?? this.#minor
  }

  /** Notes an entry that no intact image has. QEMU reads on, but another bit of it may have changed as well. */
  noteEntry(why: string, offset: number): void {
    this.#suspect ??= { verdict: 'suspect', why, what: 'a table', offset }
  }

  /** Notes something that QEMU calls an error, and that does not change what is read. */
  note(why: string, offset: number): void {
    this.#minor ??= { verdict: 'minor', why, what: 'a table', offset }
  }

  /** @param isNeeded true if a restore reads by it */
  addMetadata(what: string, offset: number, lengthBytes: number, isNeeded = false): TableVerdict | undefined {
    if (lengthBytes <= 0) return undefined
    this.#ranges.push({ what, from: offset, end: offset + lengthBytes, isNeeded })
    return this.#addAll(offset, lengthBytes, metadata, (cluster, before) => {
      const other = before === metadata ? this.#metadataAt(cluster, what) : useNamed(before)
      return suspect(`${what} at byte ${offset} overlaps ${other}`, { what, offset })
    })
  }

  /** A cluster of metadata of which there may be many, such as a refcount block. */
  addBlock(what: string, offset: number): TableVerdict | undefined {
    return this.#addAll(offset, this.#clusterBytes, metadata, (cluster, before) => {
      const other = before === metadata ? this.#metadataAt(cluster, what) : useNamed(before)
      return suspect(`${what} at byte ${offset} overlaps ${other}`, { what, offset })
    })
  }

  addL2Table(offset: number, isCopied: boolean, guestOffset: number): TableVerdict | undefined {
    const cluster = offset / this.#clusterBytes
    const before = this.uses.add(cluster, l2Table | (isCopied ? copied : shared))
    if ((before & ~snapshot) === 0) return undefined
    const place = { what: 'an L2 table', offset, guestOffset }
    return this.#collision(cluster, before, place, before & (l2Table | data))
  }

  /** @param isRead false if a restore reads nothing of the cluster */
  addData(offset: number, isCopied: boolean, isRead: boolean, guestOffset: number): TableVerdict | undefined {
    const cluster = offset / this.#clusterBytes
    const before = this.uses.add(cluster, (isRead ? data : unread) | (isCopied ? copied : shared))
    if (before === 0) return undefined
    const place = { what: 'a cluster', offset, guestOffset }
    return this.#collision(cluster, before, place, isRead ? before & (l2Table | data) : 0, isRead)
  }

  addCompressed(offset: number, lengthBytes: number, guestOffset: number): TableVerdict | undefined {
    const what = 'a compressed cluster'
    return this.#addAll(offset, lengthBytes, compressed, (cluster, before) =>
      (before & ~compressed) === 0
        ? undefined
        : this.#collision(cluster, before, { what, offset, guestOffset }, 0, false),
    )
  }

  /** A table or content of an internal snapshot; it may share all of its clusters with the disk. */
  addOfSnapshot(offset: number, lengthBytes: number): TableVerdict | undefined {
    return this.#addAll(offset, lengthBytes, snapshot, (cluster, before) =>
      (before & metadata) === 0
        ? undefined
        : suspect(`an internal snapshot uses ${this.#metadataAt(cluster, '')} at byte ${offset}`, {
            what: 'a cluster of an internal snapshot',
            offset,
          }),
    )
  }

  /** QEMU counts the part of a cluster beyond the file's end as well, and nothing further. */
  #addAll(
    offset: number,
    lengthBytes: number,
    use: number,
    onUsed: (cluster: number, before: number) => TableVerdict | undefined,
  ): TableVerdict | undefined {
    let finding: TableVerdict | undefined
    const last = Math.min(Math.floor((offset + lengthBytes - 1) / this.#clusterBytes), this.#fileClusters - 1)
    for (let cluster = Math.floor(offset / this.#clusterBytes); cluster <= last; cluster++) {
      const before = this.uses.add(cluster, use)
      if (before !== 0) finding = worse(finding, onUsed(cluster, before))
    }
    return finding
  }

  #collision(
    cluster: number,
    before: number,
    place: { readonly what: string; readonly offset: number; readonly guestOffset: number },
    certain: number,
    mayBeCertain = true,
  ): TableVerdict | undefined {
    const range = (before & metadata) !== 0 ? this.#rangeAt(cluster) : undefined
    // What the disk shares with a snapshot only shows in the refcount.
    if ((before & ~(snapshot | copied | shared)) === 0) return undefined
    const other = (before & metadata) !== 0 ? this.#metadataAt(cluster, '') : useNamed(before)
    const why = `${place.what} at byte ${place.offset}, for byte ${place.guestOffset} of the disk, is in use as ${other}`
    const isCertain = certain !== 0 || (mayBeCertain && range?.isNeeded === true)
    return isCertain ? { verdict: 'damaged', why, ...place } : suspect(why, place)
  }

  #rangeAt(cluster: number): MetadataRange | undefined {
    const from = cluster * this.#clusterBytes
    return this.#ranges.find((range) => range.from < from + this.#clusterBytes && range.end > from)
  }

  #metadataAt(cluster: number, but: string): string {
    const from = cluster * this.#clusterBytes
    const found = this.#ranges.find(
      (range) => range.what !== but && range.from < from + this.#clusterBytes && range.end > from,
    )
    return found?.what ?? 'a refcount block or bitmap'
  }
}

function useNamed(use: number): string {
  if ((use & l2Table) !== 0) return 'an L2 table'
  if ((use & (data | unread)) !== 0) return 'a cluster of another part of the disk'
  if ((use & compressed) !== 0) return 'compressed content'
  return 'a part of an internal snapshot'
}

function suspect(why: string, place: Pick<TableVerdict, 'what' | 'offset' | 'guestOffset'>): TableVerdict {
  return { verdict: 'suspect', why, ...place }
}
