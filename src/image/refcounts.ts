import type { ByteSource } from './byte-source.ts'
import { type ClusterPage, clusterUse } from './cluster-use.ts'
import type { ImageHeader } from './header.ts'
import type { CheckOptions } from './l2-tables.ts'
import { readRefcounts } from './refcount-decoder.ts'
import type { References } from './references.ts'
import { entries, pieceBytes } from './table-entries.ts'
import { isFinal, judgePlace, type TableVerdict, worse } from './table-verdict.ts'

/** The part of a refcount block that is about clusters of the file. */
interface Block {
  readonly firstCluster: number
  readonly clusters: number
  readonly offset: number
}

const maxBlockBytes = 2 ** 32
const reservedBits = 0x1_ff
const { metadata, l2Table, data, unread, snapshot, copied, shared } = clusterUse

/** Finds the refcount blocks, and adds them to `references`. One beyond the end shows that the file was longer. */
export async function findRefcountBlocks(
  source: ByteSource,
  header: ImageHeader,
  fileBytes: number,
  references: References,
): Promise<{ readonly blocks: readonly Block[]; readonly finding: TableVerdict | undefined }> {
  const { refcountTable, clusterBytes, refcountBits } = header
  const perBlock = (clusterBytes * 8) / refcountBits
  const fileClusters = Math.ceil(fileBytes / clusterBytes)
  const blocks: Block[] = []
  let finding: TableVerdict | undefined
  for await (const { index, high, low } of entries(
    source,
    refcountTable.offset,
    (refcountTable.clusters * clusterBytes) / 8,
  )) {
    const offset = high * 2 ** 32 + ((low & ~reservedBits) >>> 0)
    const place = { what: 'a refcount block', offset }
    if ((low & reservedBits) !== 0) references.note(`entry ${index} of the refcount table has reserved bits`, offset)
    if (offset === 0) continue
    const cut = judgePlace(place, offset + clusterBytes, fileBytes)
    finding = worse(finding, cut)
    if (isFinal(cut)) break
    if (offset % clusterBytes !== 0) {
      const why = `entry ${index} of the refcount table leads to byte ${offset}, which is no start of a cluster`
      finding = worse(finding, { verdict: 'suspect', ...place, why })
      continue
    }
    const collision = references.addBlock('a refcount block', offset)
    finding = worse(finding, collision)
    // The same block for many entries could be read for hours.
    if (collision !== undefined) break
    const firstCluster = index * perBlock
    if (firstCluster < fileClusters)
      blocks.push({ firstCluster, clusters: Math.min(perBlock, fileClusters - firstCluster), offset })
  }
  return { blocks, finding }
}

interface Tally {
  count: number
  first: number
}

/** Compares the refcounts of all clusters of the file with the references to them, as `qemu-img check` does. */
export async function compareRefcounts(
  source: ByteSource,
  header: ImageHeader,
  fileBytes: number,
  references: References,
  blocks: readonly Block[],
  { signal }: CheckOptions,
): Promise<TableVerdict | undefined> {
  const comparison = new Comparison(header, references)
  let total = 0
  let covered = 0
  for (const { firstCluster, clusters, offset } of blocks) {
    comparison.withoutBlock(covered, firstCluster)
    covered = firstCluster + clusters
    const lengthBytes = Math.ceil((clusters * header.refcountBits) / 8)
    total += lengthBytes
    if (total > maxBlockBytes) {
      const why = `the image has more than ${maxBlockBytes} bytes of refcounts`
      return worse(comparison.verdict(), { verdict: 'suspect', what: 'a refcount block', offset, why })
    }
    for (let at = 0; at < lengthBytes; at += pieceBytes) {
      signal?.throwIfAborted()
      const piece = await source.read(offset + at, Math.min(pieceBytes, lengthBytes - at))
      const first = firstCluster + (at * 8) / header.refcountBits
      const count = Math.min((piece.length * 8) / header.refcountBits, covered - first)
      comparison.compare(piece, first, count)
    }
  }
  comparison.withoutBlock(covered, Math.ceil(fileBytes / header.clusterBytes))
  return comparison.verdict()
}

/** True if a cluster has one reference, with the flag for it, and a refcount of 1: nearly all do. */
function isOneReference(bytes: Uint8Array, nth: number, page: ClusterPage, at: number): boolean {
  return (
    bytes[2 * nth + 1] === 1 && bytes[2 * nth] === 0 && page.counts[at] === 1 && ((page.uses[at] ?? 0) & shared) === 0
  )
}

const sentences = {
  leaked: ['is in use by refcount, but no table refers to it', 'are in use by refcount, but no table refers to them'],
  unreferenced: ['has more references than its refcount', 'have more references than their refcounts'],
  fewer: ['has fewer references than its refcount', 'have fewer references than their refcounts'],
  metadata: ['of metadata has too low a refcount', 'of metadata have too low refcounts'],
  more: ['has too high a refcount', 'have too high refcounts'],
  flag: [
    'has an entry with a flag that contradicts its refcount',
    'have entries with a flag that contradicts their refcounts',
  ],
} as const
type Mismatch = keyof typeof sentences

class Comparison {
  readonly #header: ImageHeader
  readonly #references: References
  readonly #tallies = new Map<Mismatch, Tally>()

  constructor(header: ImageHeader, references: References) {
    this.#header = header
    this.#references = references
  }

  /** @param bytes refcounts of `count` clusters from `first` */
  compare(bytes: Uint8Array, first: number, count: number): void {
    const { uses } = this.#references
    const refcounts = readRefcounts(bytes, this.#header.refcountBits)
    const perPage = uses.pageClusters
    const is16 = this.#header.refcountBits === 16
    for (let at = 0; at < count; ) {
      const cluster = first + at
      const index = Math.floor(cluster / perPage)
      const page = uses.page(index)
      const from = cluster - index * perPage
      const length = Math.min(count - at, perPage - from)
      for (let nth = 0; nth < length; nth++) {
        if (page !== undefined && is16 && isOneReference(bytes, at + nth, page, from + nth)) continue
        const refcount = refcounts(at + nth)
        const used = page === undefined ? 0 : (page.counts[from + nth] ?? 0)
        if (refcount === 0 && used === 0) continue
        this.#judge(
          cluster + nth,
          refcount,
          used === 255 ? uses.countOf(cluster + nth, used) : used,
          page?.uses[from + nth] ?? 0,
        )
      }
      at += length
    }
  }

  /** Clusters for which there is no refcount block have refcounts of 0. */
  withoutBlock(from: number, to: number): void {
    const { uses } = this.#references
    const perPage = uses.pageClusters
    if (from >= to) return
    for (const index of uses.pagesBetween(Math.floor(from / perPage), Math.floor((to - 1) / perPage))) {
      const first = Math.max(from, index * perPage)
      const last = Math.min(to, (index + 1) * perPage)
      const page = uses.page(index)
      for (let cluster = first; cluster < last; cluster++) {
        const used = page?.counts[cluster - index * perPage] ?? 0
        if (used > 0) this.#judge(cluster, 0, used, page?.uses[cluster - index * perPage] ?? 0)
      }
    }
  }

  #judge(cluster: number, refcount: number, used: number, kinds: number): void {
    if ((kinds & (copied | shared)) !== 0 && (kinds & (l2Table | data | unread)) !== 0) {
      if ((kinds & (refcount === 1 ? shared : copied)) !== 0) this.#add('flag', cluster)
    }
    if (refcount === used) return
    if (used === 0) this.#add('leaked', cluster)
    else if (refcount < used) this.#add(this.#isMetadataOnly(kinds) ? 'metadata' : 'unreferenced', cluster)
    // The disk itself refers to such a cluster once, whatever a snapshot does.
    else if ((kinds & (metadata | l2Table | data | unread)) !== 0) this.#add('more', cluster)
    else this.#add('fewer', cluster)
  }

  #isMetadataOnly(kinds: number): boolean {
    return (kinds & ~(metadata | snapshot)) === 0
  }

  #add(kind: Mismatch, cluster: number): void {
    const tally = this.#tallies.get(kind)
    if (tally === undefined) this.#tallies.set(kind, { count: 1, first: cluster })
    else tally.count++
  }

  verdict(): TableVerdict | undefined {
    const about = (kind: Mismatch, verdict: 'suspect' | 'minor') => {
      const tally = this.#tallies.get(kind)
      if (tally === undefined) return undefined
      const offset = tally.first * this.#header.clusterBytes
      const [one, many] = sentences[kind]
      const why =
        tally.count === 1
          ? `1 cluster ${one}, at byte ${offset}`
          : `${tally.count} clusters ${many}, the first at byte ${offset}`
      return { verdict, what: 'the refcounts', offset, why }
    }
    return [
      about('leaked', 'suspect'),
      about('unreferenced', 'suspect'),
      about('fewer', 'suspect'),
      about('metadata', 'minor'),
      about('more', 'minor'),
      about('flag', 'minor'),
    ].reduce<TableVerdict | undefined>(worse, undefined)
  }
}
