import type { ImageHeader } from './header.ts'
import { judgePlace, type TableVerdict, worse } from './table-verdict.ts'

export type Layout = Pick<ImageHeader, 'clusterBits' | 'clusterBytes' | 'extendedL2' | 'virtualSizeBytes'>

export const entryBytesOf = ({ extendedL2 }: Layout): 8 | 16 => (extendedL2 ? 16 : 8)

const compressedBit = 0x40_00_00_00
const offsetBitsHigh = 0x00_ff_ff_ff
const offsetBitsLow = 0xff_ff_fe_00
const sectorBytes = 512

/**
 * The offset in an entry of an L1 or L2 table: bits 9 to 55. Up to 2^56, but a multiple of 512, so that it is exact.
 */
export function offsetAt(view: DataView, at: number): number {
  return (view.getUint32(at) & offsetBitsHigh) * 2 ** 32 + ((view.getUint32(at + 4) & offsetBitsLow) >>> 0)
}

/**
 * Compares the entries of a part of an L2 table with the length of the file. `guestOffset` is the position of the first
 * one in the disk. A cluster beyond the end of the disk must be in the file, but may be incomplete.
 */
export function judgeEntries(
  table: Uint8Array,
  guestOffset: number,
  layout: Layout,
  fileBytes: number,
): TableVerdict | undefined {
  const view = new DataView(table.buffer, table.byteOffset, table.byteLength)
  const entryBytes = entryBytesOf(layout)
  let finding: TableVerdict | undefined
  for (
    let at = 0, guest = guestOffset;
    at + entryBytes <= table.length;
    at += entryBytes, guest += layout.clusterBytes
  ) {
    const high = view.getUint32(at)
    if (high === 0 && view.getUint32(at + 4) === 0 && entryBytes === 8) continue
    const neededBytes = Math.max(0, Math.min(layout.clusterBytes, layout.virtualSizeBytes - guest))
    const one =
      (high & compressedBit) !== 0
        ? judgeCompressed(view, at, guest, neededBytes, layout, fileBytes)
        : judgeStandard(view, at, guest, neededBytes, layout, fileBytes)
    finding = worse(finding, one)
    if (finding && finding.verdict !== 'unknown') return finding
  }
  return finding
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
  { clusterBits }: Layout,
  fileBytes: number,
): TableVerdict | undefined {
  const highBits = 62 - (clusterBits - 8) - 32
  const high = view.getUint32(at)
  const offset = (high & (2 ** highBits - 1)) * 2 ** 32 + view.getUint32(at + 4)
  const moreSectors = (high & (compressedBit - 1)) >>> highBits
  const lastSector = (Math.floor(offset / sectorBytes) + moreSectors) * sectorBytes
  const place = { what: 'a compressed cluster', offset, guestOffset }
  return judgePlace(place, neededBytes === 0 ? offset : lastSector + sectorBytes, fileBytes)
}

function judgeStandard(
  view: DataView,
  at: number,
  guestOffset: number,
  neededBytes: number,
  layout: Layout,
  fileBytes: number,
): TableVerdict | undefined {
  const offset = offsetAt(view, at)
  const place = { what: 'a cluster', offset, guestOffset }
  if (offset % layout.clusterBytes !== 0) return { verdict: 'damaged', ...place }
  if (layout.extendedL2) return judgeSubclusters(view, at, place, neededBytes, layout, fileBytes)
  if (offset === 0) return undefined
  // A cluster that reads as zeroes may be allocated, but is not read.
  const readBytes = (view.getUint32(at + 4) & 1) !== 0 ? 0 : neededBytes
  return judgePlace(place, offset + readBytes, fileBytes)
}

function judgeSubclusters(
  view: DataView,
  at: number,
  place: { readonly what: string; readonly offset: number; readonly guestOffset: number },
  neededBytes: number,
  { clusterBytes }: Layout,
  fileBytes: number,
): TableVerdict | undefined {
  const zero = view.getUint32(at + 8)
  const allocated = view.getUint32(at + 12)
  if ((zero & allocated) !== 0 || (allocated !== 0 && place.offset === 0)) return { verdict: 'damaged', ...place }
  if (place.offset === 0) return undefined
  const subclusterBytes = clusterBytes / 32
  const neededSubclusters = Math.ceil(neededBytes / subclusterBytes)
  const needed = neededSubclusters === 32 ? allocated : allocated & (2 ** neededSubclusters - 1)
  if (needed === 0) return judgePlace(place, place.offset, fileBytes)
  const last = 31 - Math.clz32(needed)
  const start = place.offset + last * subclusterBytes
  const end = place.offset + Math.min((last + 1) * subclusterBytes, neededBytes)
  return judgePlace({ ...place, what: 'a subcluster', offset: start }, end, fileBytes)
}
