import { type ClusterUses, clusterUse } from './cluster-use.ts'
import type { CompressedCluster } from './compressed.ts'
import type { ImageHeader } from './header.ts'
import type { References } from './references.ts'
import { isFinal, judgePlace, type TableVerdict, worse } from './table-verdict.ts'

export type Layout = Pick<ImageHeader, 'version' | 'clusterBits' | 'clusterBytes' | 'extendedL2' | 'virtualSizeBytes'>

export const entryBytesOf = ({ extendedL2 }: Pick<Layout, 'extendedL2'>): 8 | 16 => (extendedL2 ? 16 : 8)

/** Bits of the upper half of an entry. */
export const copiedBit = 0x80_00_00_00
export const compressedBit = 0x40_00_00_00
const reservedBitsHigh = 0x3f_00_00_00
const offsetBitsHigh = 0x00_ff_ff_ff
/** Bits of the lower half. */
const offsetBitsLow = 0xff_ff_fe_00
const reservedBitsLow = 0x1_fe
const zeroBit = 1
const sectorBytes = 512
/** An entry with one of these is not of a plain cluster. */
const specialBitsHigh = compressedBit | reservedBitsHigh
const { data, unread, copied, shared } = clusterUse

/**
 * The offset in an entry of an L1 or L2 table: bits 9 to 55. Up to 2^56, but a multiple of 512, so that it is exact.
 */
export function offsetAt(view: DataView, at: number): number {
  return (view.getUint32(at) & offsetBitsHigh) * 2 ** 32 + ((view.getUint32(at + 4) & offsetBitsLow) >>> 0)
}

/** What is collected of the entries. */
export interface EntrySink {
  readonly references: References
  /** Compressed clusters that are to be read. */
  readonly compressed: CompressedCluster[]
}

/**
 * Compares the entries of a part of an L2 table with the length of the file, and adds the clusters that they refer to to
 * `sink`. `guestOffset` is the position of the first one in the disk. A cluster beyond the end of the disk must be in the
 * file, but may be incomplete. It shows that the disk was larger: QEMU removes such clusters when it shrinks a disk.
 */
export function judgeEntries(
  table: Uint8Array,
  guestOffset: number,
  layout: Layout,
  fileBytes: number,
  sink: EntrySink,
): TableVerdict | undefined {
  const view = new DataView(table.buffer, table.byteOffset, table.byteLength)
  const entryBytes = entryBytesOf(layout)
  const { uses } = sink.references
  const specialBitsLow = (layout.clusterBytes - 1) | reservedBitsLow | zeroBit
  const lastOffset = fileBytes - layout.clusterBytes
  const lastGuest = layout.virtualSizeBytes - layout.clusterBytes
  let finding: TableVerdict | undefined
  let hasContent = false
  for (
    let at = 0, guest = guestOffset;
    at + entryBytes <= table.length;
    at += entryBytes, guest += layout.clusterBytes
  ) {
    const high = view.getUint32(at)
    const low = view.getUint32(at + 4)
    if (high === 0 && low === 0 && (entryBytes === 8 || isBlankBitmap(view, at))) continue
    hasContent = true
    if ((high & specialBitsHigh) === 0 && (low & specialBitsLow) === 0) {
      const offset = (high & offsetBitsHigh) * 2 ** 32 + (low >>> 0)
      const isWhole = offset > 0 && offset <= lastOffset && guest <= lastGuest
      if (isWhole && isFirst(view, at, offset / layout.clusterBytes, high, entryBytes, uses)) continue
    }
    const neededBytes = Math.max(0, Math.min(layout.clusterBytes, layout.virtualSizeBytes - guest))
    if (neededBytes === 0) finding = worse(finding, beyondDisk(guest, layout))
    const one =
      (high & compressedBit) !== 0
        ? judgeCompressed(view, at, guest, neededBytes, layout, fileBytes, sink)
        : judgeStandard(view, at, guest, neededBytes, layout, fileBytes, sink)
    finding = worse(finding, one)
    if (isFinal(finding)) return finding
  }
  if (hasContent) sink.references.hasContent = true
  return finding
}

/** The flag belongs to a cluster, so that the entry has lost its offset. QEMU reads it as no entry at all. */
function lostCluster(guestOffset: number): TableVerdict {
  const why = `the entry for byte ${guestOffset} of the disk has the flag for a refcount of 1, and no cluster`
  return { verdict: 'suspect', what: 'an L2 table', guestOffset, why }
}

function beyondDisk(guestOffset: number, { virtualSizeBytes }: Layout): TableVerdict {
  const why = `a cluster for byte ${guestOffset} of the disk, which has only ${virtualSizeBytes} bytes`
  return { verdict: 'suspect', what: 'an L2 table', guestOffset, why }
}

const isBlankBitmap = (view: DataView, at: number): boolean =>
  view.getUint32(at + 8) === 0 && view.getUint32(at + 12) === 0

/** Adds the first entry for a cluster, which is what nearly all are. False if there is more to say about it. */
function isFirst(view: DataView, at: number, cluster: number, high: number, entryBytes: 8 | 16, uses: ClusterUses) {
  const flag = (high & copiedBit) !== 0 ? copied : shared
  if (entryBytes === 8) return uses.addFirst(cluster, data | flag)
  const zero = view.getUint32(at + 8)
  const allocated = view.getUint32(at + 12)
  return (zero & allocated) === 0 && uses.addFirst(cluster, (allocated === 0 ? unread : data) | flag)
}

/** The place of the data of a compressed cluster, by its entry: up to the end of its last sector. */
export function compressedPlaceAt(view: DataView, at: number, clusterBits: number) {
  const highBits = 62 - (clusterBits - 8) - 32
  const high = view.getUint32(at)
  const offset = (high & (2 ** highBits - 1)) * 2 ** 32 + view.getUint32(at + 4)
  const moreSectors = (high & (compressedBit - 1)) >>> highBits
  return { offset, end: (Math.floor(offset / sectorBytes) + moreSectors + 1) * sectorBytes }
}

/** The irregularity of an entry that no intact image has, whatever the entry leads to. */
export function irregularityOf(
  view: DataView,
  at: number,
  { extendedL2 }: Pick<Layout, 'extendedL2'>,
): string | undefined {
  const high = view.getUint32(at)
  if ((high & compressedBit) !== 0) {
    if ((high & copiedBit) !== 0) return 'the flag for a refcount of 1 and a compressed cluster'
    return extendedL2 && !isBlankBitmap(view, at) ? 'a bitmap of subclusters and a compressed cluster' : undefined
  }
  if ((high & reservedBitsHigh) !== 0 || (view.getUint32(at + 4) & reservedBitsLow) !== 0) return 'reserved bits'
  if (!extendedL2) return undefined
  if ((view.getUint32(at + 4) & zeroBit) !== 0) return 'reserved bits'
  if ((view.getUint32(at + 8) & view.getUint32(at + 12)) !== 0) return 'a subcluster of two kinds'
  return offsetAt(view, at) === 0 && view.getUint32(at + 12) !== 0 ? 'subclusters, and no cluster' : undefined
}

/**
 * The descriptor gives the last sector of the compressed data, not its last byte, and the missing part may be padding:
 * only data that begins beyond the end of the file proves a cut.
 */
function judgeCompressed(
  view: DataView,
  at: number,
  guestOffset: number,
  neededBytes: number,
  layout: Layout,
  fileBytes: number,
  { references, compressed }: EntrySink,
): TableVerdict | undefined {
  const { offset, end } = compressedPlaceAt(view, at, layout.clusterBits)
  noteIrregularity(view, at, guestOffset, layout, offset, references)
  const place = { what: 'a compressed cluster', offset, guestOffset }
  const cut = judgePlace(place, neededBytes === 0 ? offset : end, fileBytes)
  if (isFinal(cut)) return cut
  if (neededBytes > 0) compressed.push({ offset, lengthBytes: end - offset, guestOffset })
  return worse(cut, references.addCompressed(offset, end - offset, guestOffset))
}

function noteIrregularity(
  view: DataView,
  at: number,
  guestOffset: number,
  layout: Layout,
  offset: number,
  references: References,
): void {
  const irregular = irregularityOf(view, at, layout)
  if (irregular !== undefined)
    references.noteEntry(`the entry for byte ${guestOffset} of the disk has ${irregular}`, offset)
}

function judgeStandard(
  view: DataView,
  at: number,
  guestOffset: number,
  neededBytes: number,
  layout: Layout,
  fileBytes: number,
  sink: EntrySink,
): TableVerdict | undefined {
  const offset = offsetAt(view, at)
  const place = { what: 'a cluster', offset, guestOffset }
  const high = view.getUint32(at)
  const low = view.getUint32(at + 4)
  noteIrregularity(view, at, guestOffset, layout, offset, sink.references)
  if (offset % layout.clusterBytes !== 0) return { verdict: 'damaged', ...place }
  const isZero = (low & zeroBit) !== 0 && !layout.extendedL2
  if (isZero && layout.version === 2) {
    const why = `the entry for byte ${guestOffset} of the disk is of a kind that images of version 2 do not have`
    return { verdict: 'damaged', ...place, why }
  }
  const isCopied = (high & copiedBit) !== 0
  if (layout.extendedL2) return judgeSubclusters(view, at, place, neededBytes, isCopied, layout, fileBytes, sink)
  if (offset === 0) return isCopied && !isZero ? lostCluster(guestOffset) : undefined
  // A cluster that reads as zeroes may be allocated, but is not read.
  const readBytes = isZero ? 0 : neededBytes
  const cut = judgePlace(place, offset + readBytes, fileBytes)
  if (isFinal(cut)) return cut
  return worse(cut, sink.references.addData(offset, isCopied, readBytes > 0, guestOffset))
}

function judgeSubclusters(
  view: DataView,
  at: number,
  place: { readonly what: string; readonly offset: number; readonly guestOffset: number },
  neededBytes: number,
  isCopied: boolean,
  { clusterBytes }: Layout,
  fileBytes: number,
  { references }: EntrySink,
): TableVerdict | undefined {
  const zero = view.getUint32(at + 8)
  const allocated = view.getUint32(at + 12)
  if ((zero & allocated) !== 0 || (allocated !== 0 && place.offset === 0)) return { verdict: 'damaged', ...place }
  if (place.offset === 0) return isCopied ? lostCluster(place.guestOffset) : undefined
  const subclusterBytes = clusterBytes / 32
  const neededSubclusters = Math.ceil(neededBytes / subclusterBytes)
  const needed = neededSubclusters === 32 ? allocated : allocated & (2 ** neededSubclusters - 1)
  const cut = judgeNeeded(place, needed, subclusterBytes, neededBytes, fileBytes)
  if (isFinal(cut)) return cut
  return worse(cut, references.addData(place.offset, isCopied, needed !== 0, place.guestOffset))
}

function judgeNeeded(
  place: { readonly what: string; readonly offset: number; readonly guestOffset: number },
  needed: number,
  subclusterBytes: number,
  neededBytes: number,
  fileBytes: number,
): TableVerdict | undefined {
  if (needed === 0) return judgePlace(place, place.offset, fileBytes)
  const last = 31 - Math.clz32(needed)
  const start = place.offset + last * subclusterBytes
  const end = place.offset + Math.min((last + 1) * subclusterBytes, neededBytes)
  return judgePlace({ ...place, what: 'a subcluster', offset: start }, end, fileBytes)
}
