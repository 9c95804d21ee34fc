import { DrillError } from '../errors.ts'

/** What an image's header says about it. Layout: QEMU's docs/interop/qcow2.txt. */
export interface ImageHeader {
  readonly version: 2 | 3
  readonly clusterBytes: number
  readonly virtualSizeBytes: number
  /** The parent, by the name that the image itself has for it. */
  readonly backing?: { readonly name: string; readonly offset: number; readonly lengthBytes: number }
  /** From the header's extension; an image may have a parent and not say in which format it is. */
  readonly backingFormat?: string
  readonly encryption: 'none' | 'aes' | 'luks'
  /** Incompatible feature bits; 0 in version 2. Bit 2: the data is in an external file. */
  readonly incompatibleFeatures: bigint
}

/** The bytes are not the header of a qcow2 image, or not a whole and sane one. */
export class HeaderError extends DrillError {
  readonly problem: 'not qcow2' | 'cut short' | 'damaged'

  constructor(problem: HeaderError['problem'], message: string) {
    super('failure', 'bad-header', `${problem}: ${message}`)
    this.name = 'HeaderError'
    this.problem = problem
  }
}

const magic = 0x51_46_49_fb
const backingFormatExtension = 0xe2_79_2a_ca
/** QEMU's own limit of a backing file name. */
const maxNameBytes = 1023

/**
 * Reads the header in an image's first bytes. Its first cluster is always enough: names and extensions are in it.
 * @throws HeaderError; never reads outside of `bytes`
 */
export function parseHeader(bytes: Uint8Array): ImageHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const need = (end: number, what: string) => {
    if (end > bytes.length) throw new HeaderError('cut short', `${what} ends at byte ${end} of ${bytes.length}`)
  }

  if (bytes.length < 4 || view.getUint32(0) !== magic) throw new HeaderError('not qcow2', 'the magic number is missing')
  need(72, 'the header')
  const version = view.getUint32(4)
  if (version !== 2 && version !== 3) throw new HeaderError('damaged', `version ${version}`)
  if (version === 3) need(104, 'the header')
  const headerBytes = version === 2 ? 72 : view.getUint32(100)
  const clusterBits = view.getUint32(20)
  if (clusterBits < 9 || clusterBits > 21) throw new HeaderError('damaged', `clusters of 2^${clusterBits} bytes`)
  const clusterBytes = 2 ** clusterBits
  if (headerBytes < (version === 2 ? 72 : 104) || headerBytes > clusterBytes) {
    throw new HeaderError('damaged', `a header of ${headerBytes} bytes`)
  }
  const virtualSize = view.getBigUint64(24)
  if (virtualSize > BigInt(Number.MAX_SAFE_INTEGER)) throw new HeaderError('damaged', `${virtualSize} bytes`)

  const backing = parseBacking(bytes, view, clusterBytes, need)
  const extensionsEnd = Math.min(backing?.offset ?? clusterBytes, clusterBytes)
  const backingFormat = parseBackingFormat(bytes, view, headerBytes, extensionsEnd, need)
  return {
    version,
    clusterBytes,
    virtualSizeBytes: Number(virtualSize),
    ...(backing && { backing }),
    ...(backingFormat !== undefined && { backingFormat }),
    encryption: encryptionOf(view.getUint32(32)),
    incompatibleFeatures: version === 2 ? 0n : view.getBigUint64(72),
  }
}

type Need = (end: number, what: string) => void

function parseBacking(bytes: Uint8Array, view: DataView, clusterBytes: number, need: Need): ImageHeader['backing'] {
  const offset = view.getBigUint64(8)
  const lengthBytes = view.getUint32(16)
  if (offset === 0n) return undefined
  if (lengthBytes > maxNameBytes || offset + BigInt(lengthBytes) > BigInt(clusterBytes)) {
    throw new HeaderError('damaged', `a backing file name of ${lengthBytes} bytes at ${offset}`)
  }
  const at = Number(offset)
  need(at + lengthBytes, 'the backing file name')
  return { name: text(bytes, at, lengthBytes), offset: at, lengthBytes }
}

function parseBackingFormat(
  bytes: Uint8Array,
  view: DataView,
  from: number,
  end: number,
  need: Need,
): string | undefined {
  for (let at = from; at + 8 <= end; ) {
    need(at + 8, 'a header extension')
    const type = view.getUint32(at)
    const lengthBytes = view.getUint32(at + 4)
    if (type === 0) return undefined
    if (at + 8 + lengthBytes > end)
      throw new HeaderError('damaged', `a header extension of ${lengthBytes} bytes at ${at}`)
    need(at + 8 + lengthBytes, 'a header extension')
    if (type === backingFormatExtension) return text(bytes, at + 8, lengthBytes)
    at += 8 + Math.ceil(lengthBytes / 8) * 8
  }
  return undefined
}

function encryptionOf(method: number): ImageHeader['encryption'] {
  const known = (['none', 'aes', 'luks'] as const)[method]
  if (known === undefined) throw new HeaderError('damaged', `encryption method ${method}`)
  return known
}

/** Bytes that are no text come out as the replacement character: such a name is for showing only. */
function text(bytes: Uint8Array, at: number, lengthBytes: number): string {
  return new TextDecoder().decode(bytes.subarray(at, at + lengthBytes))
}
