import type { ByteSource } from './byte-source.ts'
import type { ImageHeader } from './header.ts'
import { HeaderError } from './header-error.ts'
import { offsetOf, text } from './header-extensions.ts'

/** A snapshot inside of an image. Images of the product have none. */
export interface InternalSnapshot {
  readonly id: string
  readonly name: string
  /** The size of the disk in the snapshot. Images of version 2 may lack it. */
  readonly virtualSizeBytes?: number
  readonly l1: { readonly offset: number; readonly entries: number }
  /** Where its entry of the table ends in the file. */
  readonly endOffset: number
}

const fixedBytes = 40
/** QEMU's own limit for the data after the fixed part. */
const maxExtraBytes = 1024
/** The maximum length of an entry: two strings of 64 KiB, and padding. */
const maxEntryBytes = fixedBytes + maxExtraBytes + 2 * 65_535 + 7

/**
 * Reads the table of internal snapshots entry by entry, with memory for one.
 * @throws HeaderError if the table is cut short or damaged
 */
export async function* readSnapshots(
  source: ByteSource,
  { snapshots: { count, offset } }: Pick<ImageHeader, 'snapshots'>,
): AsyncGenerator<InternalSnapshot, void, undefined> {
  let window = new Uint8Array(0)
  let at = 0
  let next = offset
  for (let index = 0; index < count; index++) {
    let entry = parseEntry(window.subarray(at))
    if (entry === undefined) {
      window = Uint8Array.from(await source.read(next, maxEntryBytes))
      at = 0
      entry = parseEntry(window)
      if (entry === undefined)
        throw new HeaderError('cut short', `internal snapshot ${index + 1} of ${count} at ${next}`)
    }
    yield { ...entry.snapshot, endOffset: next + entry.lengthBytes }
    at += entry.lengthBytes
    next += entry.lengthBytes
  }
}

/** Undefined if the entry is longer than these bytes. */
function parseEntry(
  bytes: Uint8Array,
): { snapshot: Omit<InternalSnapshot, 'endOffset'>; lengthBytes: number } | undefined {
  if (bytes.length < fixedBytes) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const [idBytes, nameBytes, extraBytes] = [view.getUint16(12), view.getUint16(14), view.getUint32(36)]
  if (extraBytes > maxExtraBytes)
    throw new HeaderError('damaged', `an internal snapshot with ${extraBytes} extra bytes`)
  const idAt = fixedBytes + extraBytes
  const end = idAt + idBytes + nameBytes
  if (end > bytes.length) return undefined
  const snapshot = {
    id: text(bytes.subarray(idAt, idAt + idBytes)),
    name: text(bytes.subarray(idAt + idBytes, end)),
    ...(extraBytes >= 16 && { virtualSizeBytes: offsetOf(view, fixedBytes + 8, 'the size of an internal snapshot') }),
    l1: { offset: offsetOf(view, 0, 'the L1 table of an internal snapshot'), entries: view.getUint32(8) },
  }
  return { snapshot, lengthBytes: Math.ceil(end / 8) * 8 }
}
