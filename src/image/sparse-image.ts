import type { LuksHeader } from './luks-header.ts'

/** An image without data: only its own header and tables. */
export interface SparseImageOptions {
  readonly virtualSizeBytes: number
  /** The name of the parent in the image; at most 1023 bytes. */
  readonly backingName?: string
  /** Encrypts with the key in this header, although there is no data. */
  readonly luks?: LuksHeader
  /**
   * Makes the tables refer to missing data: the file ends before it, like an incomplete copy. `header`: it ends within
   * the header.
   */
  readonly cut?: 'header' | 'data'
}

/** The parts to write in a file of this length. The rest are holes. */
export interface SparseImage {
  readonly parts: readonly { readonly offset: number; readonly bytes: Uint8Array }[]
  readonly fileBytes: number
}

const clusterBytes = 65_536
const headerBytes = 112
const backingFormatExtension = 0xe2_79_2a_ca
const cryptoHeaderExtension = 0x05_37_be_77
/** Bit 63 of an L1 entry: the table has one reference. */
const copied = 1n << 63n

/**
 * Makes a valid image (`qemu-img check` finds nothing), version 3 with the product's clusters, of at most four 4 KiB
 * blocks on disk: header, refcount table, refcount block, LUKS header. L1 and longer parts are holes.
 */
export function sparseImage({ virtualSizeBytes, backingName, luks, cut }: SparseImageOptions): SparseImage {
  const l1Entries = Math.max(1, Math.ceil(virtualSizeBytes / (clusterBytes * (clusterBytes / 8))))
  const [tableAt, blockAt, l1At] = [1, 2, 3].map((cluster) => cluster * clusterBytes) as [number, number, number]
  const l1End = l1At + l1Entries * 8
  const luksAt = roundUp(l1End)
  const end = luks === undefined ? l1End : luksAt + luks.lengthBytes
  const l2At = roundUp(end)

  const header = Buffer.alloc(1536)
  header.writeUInt32BE(0x51_46_49_fb)
  header.writeUInt32BE(3, 4)
  header.writeUInt32BE(16, 20)
  header.writeBigUInt64BE(BigInt(virtualSizeBytes), 24)
  header.writeUInt32BE(luks === undefined ? 0 : 2, 32)
  header.writeUInt32BE(l1Entries, 36)
  header.writeBigUInt64BE(BigInt(l1At), 40)
  header.writeBigUInt64BE(BigInt(tableAt), 48)
  header.writeUInt32BE(1, 56)
  // Refcounts of 2^4 bits.
  header.writeUInt32BE(4, 96)
  header.writeUInt32BE(headerBytes, 100)
  let at = headerBytes
  if (backingName !== undefined) at = writeExtension(header, at, backingFormatExtension, Buffer.from('qcow2'))
  if (luks !== undefined) {
    const place = Buffer.alloc(16)
    place.writeBigUInt64BE(BigInt(luksAt))
    place.writeBigUInt64BE(BigInt(luks.lengthBytes), 8)
    at = writeExtension(header, at, cryptoHeaderExtension, place)
  }
  // Eight zeroes end the extensions.
  at += 8
  if (backingName !== undefined) {
    const name = Buffer.from(backingName)
    if (name.length > 1023) throw new RangeError(`a backing file name of ${name.length} bytes`)
    header.writeBigUInt64BE(BigInt(at), 8)
    header.writeUInt32BE(name.length, 16)
    name.copy(header, at)
    at += name.length
  }
  if (cut === 'header') return { parts: [{ offset: 0, bytes: header.subarray(0, 40) }], fileBytes: 40 }

  const clusters = roundUp(cut === undefined ? end : l2At + 1) / clusterBytes
  const parts = [
    { offset: 0, bytes: header.subarray(0, at) },
    { offset: tableAt, bytes: unsigned64(BigInt(blockAt)) },
    { offset: blockAt, bytes: Buffer.alloc(clusters * 2, Uint8Array.of(0, 1)) },
  ]
  if (luks !== undefined) parts.push({ offset: luksAt, bytes: Buffer.from(luks.bytes) })
  if (cut === 'data') parts.push({ offset: l1At, bytes: unsigned64(copied | BigInt(l2At)) })
  return { parts, fileBytes: end }
}

function writeExtension(header: Buffer, at: number, type: number, data: Buffer): number {
  header.writeUInt32BE(type, at)
  header.writeUInt32BE(data.length, at + 4)
  data.copy(header, at + 8)
  return at + 8 + Math.ceil(data.length / 8) * 8
}

function unsigned64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(value)
  return bytes
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / clusterBytes) * clusterBytes
}
