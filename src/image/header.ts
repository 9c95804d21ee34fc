import type { ByteSource } from './byte-source.ts'
import {
  compressionTypeBit,
  decodeFeatures,
  extendedL2Bit,
  externalDataFileBit,
  type Features,
  rawExternalDataBit,
} from './features.ts'
import { HeaderError } from './header-error.ts'
import { type HeaderExtensions, parseExtensions, type RequireBytes, text } from './header-extensions.ts'

export { HeaderError }

/** The header of an image. Layout: QEMU's docs/interop/qcow2.txt. */
export interface ImageHeader {
  readonly version: 2 | 3
  readonly headerBytes: number
  readonly clusterBits: number
  readonly clusterBytes: number
  readonly virtualSizeBytes: number
  /** The name of the parent; see `parseBackingName`. Undefined for a full image. */
  readonly backing?: { readonly name: string; readonly offset: number; readonly lengthBytes: number }
  /** The format of the parent. An image with a parent may lack it. */
  readonly backingFormat?: string
  readonly encryption: 'none' | 'aes' | 'luks'
  readonly encryptionHeader?: HeaderExtensions['encryptionHeader']
  /** Feature bits; 0 in version 2. */
  readonly incompatibleFeatures: bigint
  readonly compatibleFeatures: bigint
  readonly autoclearFeatures: bigint
  /** The feature bits by name. */
  readonly features: Features
  /** True for L2 entries of 16 bytes, which describe 32 subclusters each. */
  readonly extendedL2: boolean
  readonly compressionType: 'zlib' | 'zstd'
  /** The name of the file with the content, if it is outside of the image; `true` if the image has no name for it. */
  readonly externalDataFile?: string | true
  readonly l1: { readonly offset: number; readonly entries: number }
  readonly refcountTable: { readonly offset: number; readonly clusters: number }
  readonly refcountBits: number
  /** Internal snapshots; see `readSnapshots`. */
  readonly snapshots: { readonly count: number; readonly offset: number }
  readonly bitmaps?: HeaderExtensions['bitmaps']
  /** Unknown types of header extensions. */
  readonly unknownExtensions: readonly number[]
}

const magic = 0x51_46_49_fb
/** QEMU's own limits. */
const maxNameBytes = 1023
const maxL1Entries = (32 * 2 ** 20) / 8
const maxRefcountTableBytes = 8 * 2 ** 20
const maxSnapshots = 65_536

/**
 * Reads the header in the first bytes of an image. The first cluster is always enough: names and extensions are in it.
 * Refuses what QEMU refuses to open.
 * @throws HeaderError; never reads outside of `bytes`
 */
export function parseHeader(bytes: Uint8Array): ImageHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let enoughBytes = 112
  const need: RequireBytes = (end, what) => {
    if (end > bytes.length)
      throw new HeaderError('cut short', `${what} ends at byte ${end} of ${bytes.length}`, { enoughBytes })
  }

  if (bytes.length < 4 || view.getUint32(0) !== magic) throw new HeaderError('not qcow2', 'the magic number is missing')
  need(72, 'the header')
  const version = versionOf(view.getUint32(4))
  const clusterBits = view.getUint32(20)
  if (clusterBits < 9 || clusterBits > 21) throw new HeaderError('damaged', `clusters of 2^${clusterBits} bytes`)
  const clusterBytes = 2 ** clusterBits
  enoughBytes = clusterBytes
  if (version === 3) need(104, 'the header')
  const headerBytes = version === 2 ? 72 : view.getUint32(100)
  if (headerBytes < (version === 2 ? 72 : 104) || headerBytes > clusterBytes) {
    throw new HeaderError('damaged', `a header of ${headerBytes} bytes`)
  }
  need(headerBytes, 'the header')

  const backing = parseBacking(view, clusterBytes, need)
  const extensions = parseExtensions(view, headerBytes, backing?.offset ?? clusterBytes, need)
  const bits = featureBits(view, version)
  const features = decodeFeatures(bits, extensions.featureNames)
  const extendedL2 = (bits.incompatible & extendedL2Bit) !== 0n
  if (extendedL2 && clusterBits < 14)
    throw new HeaderError('damaged', `subclusters in clusters of ${clusterBytes} bytes`)
  const { backingFormat, dataFileName, encryptionHeader, bitmaps } = extensions
  const encryption = encryptionOf(view.getUint32(32))
  if (encryptionHeader && (encryption !== 'luks' || encryptionHeader.offset % clusterBytes !== 0)) {
    throw new HeaderError('damaged', `an encryption header at ${encryptionHeader.offset}, but encryption ${encryption}`)
  }
  if (encryption === 'luks' && encryptionHeader === undefined)
    throw new HeaderError('damaged', 'encryption luks, and no place of an encryption header')
  if ((bits.autoclear & rawExternalDataBit) !== 0n && (bits.incompatible & externalDataFileBit) === 0n)
    throw new HeaderError('damaged', 'external data is marked as raw, and there is no external data file')
  const virtualSizeBytes = parseVirtualSize(view)
  return {
    version,
    headerBytes,
    clusterBits,
    clusterBytes,
    virtualSizeBytes,
    ...(backing && { backing }),
    ...(backingFormat !== undefined && { backingFormat }),
    encryption,
    ...(encryptionHeader && { encryptionHeader }),
    incompatibleFeatures: bits.incompatible,
    compatibleFeatures: bits.compatible,
    autoclearFeatures: bits.autoclear,
    features,
    extendedL2,
    compressionType: compressionTypeOf(view, headerBytes, bits.incompatible),
    ...((bits.incompatible & externalDataFileBit) !== 0n && { externalDataFile: dataFileName ?? true }),
    ...parseTables(view, version, clusterBytes, virtualSizeBytes, extendedL2),
    ...(bitmaps && { bitmaps }),
    unknownExtensions: extensions.unknown,
  }
}

/**
 * Reads the header of a file: its first bytes, and the rest of the first cluster if needed.
 * @throws HeaderError, and what `source` throws
 */
export async function readHeader(source: ByteSource, firstBytes = 4096): Promise<ImageHeader> {
  const first = await source.read(0, firstBytes)
  try {
    return parseHeader(first)
  } catch (error) {
    if (!(error instanceof HeaderError) || (error.enoughBytes ?? 0) <= firstBytes || first.length < firstBytes)
      throw error
    return parseHeader(await source.read(0, error.enoughBytes ?? firstBytes))
  }
}

function versionOf(version: number): 2 | 3 {
  if (version === 2 || version === 3) return version
  throw new HeaderError('unsupported', `version ${version}`)
}

function parseVirtualSize(view: DataView): number {
  const size = view.getBigUint64(24)
  if (size >= 2n ** 63n) throw new HeaderError('damaged', `a virtual size of ${size} bytes`)
  if (size > BigInt(Number.MAX_SAFE_INTEGER)) throw new HeaderError('unsupported', `a virtual size of ${size} bytes`)
  return Number(size)
}

function parseBacking(view: DataView, clusterBytes: number, need: RequireBytes): ImageHeader['backing'] {
  const offset = view.getBigUint64(8)
  const lengthBytes = view.getUint32(16)
  if (offset === 0n) return undefined
  if (lengthBytes > maxNameBytes || offset + BigInt(lengthBytes) > BigInt(clusterBytes)) {
    throw new HeaderError('damaged', `a backing file name of ${lengthBytes} bytes at ${offset}`)
  }
  const at = Number(offset)
  need(at + lengthBytes, 'the backing file name')
  return { name: text(new Uint8Array(view.buffer, view.byteOffset + at, lengthBytes)), offset: at, lengthBytes }
}

function featureBits(view: DataView, version: 2 | 3) {
  if (version === 2) return { incompatible: 0n, compatible: 0n, autoclear: 0n }
  return { incompatible: view.getBigUint64(72), compatible: view.getBigUint64(80), autoclear: view.getBigUint64(88) }
}

function encryptionOf(method: number): ImageHeader['encryption'] {
  const known = (['none', 'aes', 'luks'] as const)[method]
  if (known === undefined) throw new HeaderError('unsupported', `encryption method ${method}`)
  return known
}

/** The byte in the header and the feature bit must agree: zlib has no bit. */
function compressionTypeOf(view: DataView, headerBytes: number, incompatible: bigint): ImageHeader['compressionType'] {
  const number = headerBytes > 104 ? view.getUint8(104) : 0
  const known = (['zlib', 'zstd'] as const)[number]
  if (known === undefined) throw new HeaderError('unsupported', `compression type ${number}`)
  if (((incompatible & compressionTypeBit) !== 0n) !== (known !== 'zlib')) {
    throw new HeaderError('damaged', `compression type ${known}, but another feature bit`)
  }
  return known
}

type Tables = Pick<ImageHeader, 'l1' | 'refcountTable' | 'refcountBits' | 'snapshots'>

function parseTables(
  view: DataView,
  version: 2 | 3,
  clusterBytes: number,
  virtualSizeBytes: number,
  extendedL2: boolean,
): Tables {
  // Up to 2^63 as in QEMU. Beyond 2^53 it is not exact, but beyond the end of any file all the same.
  const table = (at: number, what: string) => {
    const [high, low] = [view.getUint32(at), view.getUint32(at + 4)]
    if (high >= 2 ** 31 || low % clusterBytes !== 0) {
      throw new HeaderError('damaged', `${what} at ${view.getBigUint64(at)}, which is not the start of a cluster`)
    }
    return high * 2 ** 32 + low
  }
  const l1 = { entries: view.getUint32(36), offset: table(40, 'the L1 table') }
  const bytesOfL2 = (clusterBytes / (extendedL2 ? 16 : 8)) * clusterBytes
  if (l1.entries > maxL1Entries || l1.entries < Math.ceil(virtualSizeBytes / bytesOfL2)) {
    throw new HeaderError('damaged', `an L1 table of ${l1.entries} entries for ${virtualSizeBytes} bytes`)
  }
  const refcountTable = { offset: table(48, 'the refcount table'), clusters: view.getUint32(56) }
  if (refcountTable.clusters === 0 || refcountTable.clusters * clusterBytes > maxRefcountTableBytes) {
    throw new HeaderError('damaged', `a refcount table of ${refcountTable.clusters} clusters`)
  }
  const refcountOrder = version === 2 ? 4 : view.getUint32(96)
  if (refcountOrder > 6) throw new HeaderError('damaged', `refcounts of 2^${refcountOrder} bits`)
  const count = view.getUint32(60)
  if (count > maxSnapshots) throw new HeaderError('damaged', `${count} internal snapshots`)
  const snapshots = { count, offset: table(64, 'the table of internal snapshots') }
  return { l1, refcountTable, refcountBits: 2 ** refcountOrder, snapshots }
}
