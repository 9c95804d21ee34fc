import { HeaderError } from './header-error.ts'

/** The extensions between the header of an image and the name of its parent. */
export interface HeaderExtensions {
  readonly backingFormat?: string
  /** The table with the names of feature bits, as it is in the image. */
  readonly featureNames: Uint8Array
  readonly dataFileName?: string
  /** The position of the LUKS header. */
  readonly encryptionHeader?: { readonly offset: number; readonly lengthBytes: number }
  readonly bitmaps?: BitmapsPlace
  /** Unknown types of extensions, which may be ignored. */
  readonly unknown: readonly number[]
}

export interface BitmapsPlace {
  readonly count: number
  readonly offset: number
  readonly lengthBytes: number
  /** Bytes that must be zero. */
  readonly reserved: number
}

export type RequireBytes = (end: number, what: string) => void

type Fields = Omit<Partial<HeaderExtensions>, 'unknown'>

interface Extension {
  readonly view: DataView
  readonly at: number
  readonly lengthBytes: number
}

const parsers = new Map<number, (extension: Extension) => Fields>([
  [0xe2_79_2a_ca, parseBackingFormat],
  [0x68_03_f8_57, (extension) => ({ featureNames: contentOf(extension) })],
  [0x44_41_54_41, (extension) => ({ dataFileName: text(contentOf(extension)) })],
  [0x05_37_be_77, parseEncryptionHeader],
  [0x23_85_28_75, parseBitmaps],
])

/** Reads the extensions in the bytes from `from` to `end`, or to the end marker. */
export function parseExtensions(view: DataView, from: number, end: number, need: RequireBytes): HeaderExtensions {
  const fields = { featureNames: new Uint8Array(0), unknown: [] as number[] }
  for (let at = from; at < end; ) {
    need(at + 8, 'a header extension')
    const type = view.getUint32(at)
    const lengthBytes = view.getUint32(at + 4)
    // QEMU checks the length of the last one too, and ignores its content.
    if (at + 8 + lengthBytes > end)
      throw new HeaderError('damaged', `a header extension of ${lengthBytes} bytes at ${at}`)
    if (type === 0) break
    need(at + 8 + lengthBytes, 'a header extension')
    const parse = parsers.get(type)
    if (parse === undefined) fields.unknown.push(type)
    else Object.assign(fields, parse({ view, at: at + 8, lengthBytes }))
    at += 8 + Math.ceil(lengthBytes / 8) * 8
  }
  return fields
}

/** QEMU has 16 bytes for it, with a final zero. */
function parseBackingFormat(extension: Extension): Fields {
  if (extension.lengthBytes > 15) throw new HeaderError('damaged', `a backing format of ${extension.lengthBytes} bytes`)
  return { backingFormat: text(contentOf(extension)) }
}

function parseEncryptionHeader({ view, at, lengthBytes }: Extension): Fields {
  if (lengthBytes !== 16)
    throw new HeaderError('damaged', `the pointer to the encryption header has ${lengthBytes} bytes`)
  return {
    encryptionHeader: {
      offset: offsetOf(view, at, 'the encryption header'),
      lengthBytes: offsetOf(view, at + 8, 'the length of the encryption header'),
    },
  }
}

function parseBitmaps({ view, at, lengthBytes }: Extension): Fields {
  if (lengthBytes !== 24) throw new HeaderError('damaged', `the pointer to the bitmaps has ${lengthBytes} bytes`)
  return {
    bitmaps: {
      count: view.getUint32(at),
      reserved: view.getUint32(at + 4),
      lengthBytes: offsetOf(view, at + 8, 'the length of the bitmaps'),
      offset: offsetOf(view, at + 16, 'the bitmaps'),
    },
  }
}

/** An offset in a file. No file is longer than 2^53, and no larger number is exact. */
export function offsetOf(view: DataView, at: number, what: string): number {
  const high = view.getUint32(at)
  if (high > 0x1f_ff_ff) throw new HeaderError('damaged', `${what} at ${view.getBigUint64(at)}`)
  return high * 2 ** 32 + view.getUint32(at + 4)
}

function contentOf({ view, at, lengthBytes }: Extension): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset + at, lengthBytes)
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/**
 * A name up to the first zero, as QEMU reads it. Bytes that are not UTF-8 become the replacement character: such a name
 * is for messages only.
 */
export function text(bytes: Uint8Array): string {
  const end = bytes.indexOf(0)
  return decoder.decode(end === -1 ? bytes : bytes.subarray(0, end))
}
