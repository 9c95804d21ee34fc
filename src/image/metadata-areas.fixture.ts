import { type ImageHeader, parseHeader } from './header.ts'
import { compressedPlaceAt, entryBytesOf, offsetAt } from './l2-entries.ts'

/** The kinds of metadata of an image, and its compressed content, which only QEMU can refuse. */
export type AreaKind =
  | 'header'
  | 'extensions'
  | 'L1 table'
  | 'L2 table'
  | 'refcount table'
  | 'refcounts'
  | 'internal snapshots'
  | 'bitmaps'
  | 'LUKS header'
  | 'LUKS key material'
  | 'compressed content'

/** A part of an image that is in use. */
export interface Area {
  readonly kind: AreaKind
  readonly from: number
  readonly lengthBytes: number
}

const compressedBit = 0x40_00_00_00
/** The first name of a feature is enough: names are for messages only. */
const maxExtensionBytes = 56

/** Where the metadata of an image without damage is: of tables the part that is in use. */
export function metadataOf(bytes: Buffer): readonly Area[] {
  const header = parseHeader(bytes)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const { l1, refcountTable, snapshots, clusterBytes } = header
  const blockAt = offsetAt(view, refcountTable.offset)
  const clusters = Math.ceil(bytes.length / clusterBytes)
  const tables = tablesOf(view, l1.offset, l1.entries)
  const areas: readonly Area[] = [
    { kind: 'header', from: 0, lengthBytes: header.headerBytes },
    ...extensionsOf(view, header),
    { kind: 'L1 table', from: l1.offset, lengthBytes: l1.entries * 8 },
    { kind: 'refcount table', from: refcountTable.offset, lengthBytes: 16 },
    {
      kind: 'refcounts',
      from: blockAt,
      lengthBytes: Math.min(clusterBytes, Math.ceil((clusters * header.refcountBits) / 8)),
    },
    ...tables.map((from) => ({ kind: 'L2 table' as const, from, lengthBytes: usedBytesOfL2(header) })),
    ...tables.flatMap((from) => compressedOf(view, from, header)),
    ...(snapshots.count === 0 ? [] : snapshotsOf(view, header)),
    ...(header.bitmaps === undefined ? [] : bitmapsOf(view, header.bitmaps)),
    ...(header.encryptionHeader === undefined ? [] : luksOf(header.encryptionHeader.offset)),
  ]
  return areas.filter(({ from, lengthBytes }) => lengthBytes > 0 && from + lengthBytes <= bytes.length)
}

function tablesOf(view: DataView, at: number, entries: number): readonly number[] {
  return Array.from({ length: entries }, (_, nth) => offsetAt(view, at + nth * 8)).filter((offset) => offset > 0)
}

function usedBytesOfL2(header: ImageHeader): number {
  const clusters = Math.ceil(header.virtualSizeBytes / header.clusterBytes)
  return Math.min(header.clusterBytes, clusters * entryBytesOf(header))
}

function extensionsOf(view: DataView, { headerBytes, backing }: ImageHeader): readonly Area[] {
  const areas: Area[] = []
  for (let from = headerBytes; ; ) {
    const lengthBytes = 8 + Math.ceil(view.getUint32(from + 4) / 8) * 8
    areas.push({ kind: 'extensions', from, lengthBytes: Math.min(lengthBytes, maxExtensionBytes) })
    if (view.getUint32(from) === 0) break
    from += lengthBytes
  }
  if (backing) areas.push({ kind: 'extensions', from: backing.offset, lengthBytes: backing.lengthBytes })
  return areas
}

/** The first bytes of the first compressed clusters: a header of a stream is there. */
function compressedOf(view: DataView, table: number, header: ImageHeader): readonly Area[] {
  const areas: Area[] = []
  for (let at = table; at < table + usedBytesOfL2(header) && areas.length < 2; at += entryBytesOf(header)) {
    if ((view.getUint32(at) & compressedBit) === 0) continue
    areas.push({
      kind: 'compressed content',
      from: compressedPlaceAt(view, at, header.clusterBits).offset,
      lengthBytes: 24,
    })
  }
  return areas
}

function snapshotsOf(view: DataView, header: ImageHeader): readonly Area[] {
  const { offset, count } = header.snapshots
  const l1Offset = offsetAt(view, offset)
  const l1Entries = view.getUint32(offset + 8)
  const tables = tablesOf(view, l1Offset, l1Entries)
  return [
    { kind: 'internal snapshots', from: offset, lengthBytes: count * 64 },
    { kind: 'internal snapshots', from: l1Offset, lengthBytes: l1Entries * 8 },
    ...tables.map((from) => ({ kind: 'internal snapshots' as const, from, lengthBytes: usedBytesOfL2(header) })),
  ]
}

function bitmapsOf(view: DataView, { offset, lengthBytes }: { offset: number; lengthBytes: number }): readonly Area[] {
  const table = Number(view.getBigUint64(offset))
  return [
    { kind: 'bitmaps', from: offset, lengthBytes },
    { kind: 'bitmaps', from: table, lengthBytes: view.getUint32(offset + 8) * 8 },
  ]
}

function luksOf(offset: number): readonly Area[] {
  return [
    { kind: 'LUKS header', from: offset, lengthBytes: 592 },
    { kind: 'LUKS key material', from: offset + 4096, lengthBytes: 64 },
  ]
}
