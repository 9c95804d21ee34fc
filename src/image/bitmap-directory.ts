/** A persistent bitmap, as its directory describes it. */
export interface BitmapEntry {
  /** Where its table is, and the number of entries of that. */
  readonly table: { readonly offset: number; readonly entries: number }
  /** False for one that was not saved: QEMU does not read its table. */
  readonly isSaved: boolean
}

export interface BitmapLayout {
  readonly count: number
  readonly virtualSizeBytes: number
  readonly clusterBytes: number
}

const fixedBytes = 24
/** QEMU's own limits. */
const maxTableEntries = 128 * 2 ** 20
const maxBitmapBytes = 512 * 2 ** 20
const maxNameBytes = 1023
const maxBitmaps = 65_535
const [minGranularityBits, maxGranularityBits] = [9, 31]
const unsavedFlag = 1
const reservedFlags = 0xff_ff_ff_fc
const dirtyTrackingType = 1

/**
 * Reads the directory of persistent bitmaps. Also returns the sentence about the first that keeps QEMU from opening the
 * image: it reads all bitmaps whenever it does.
 */
export function parseBitmapDirectory(
  bytes: Uint8Array,
  layout: BitmapLayout,
): { readonly bitmaps: readonly BitmapEntry[]; readonly why?: string } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const bitmaps: BitmapEntry[] = []
  const names = new Set<string>()
  const wrong = (why: string) => ({ bitmaps, why })
  if (layout.count === 0 || layout.count > maxBitmaps) return wrong(`its directory has ${layout.count} bitmaps`)
  let at = 0
  for (let nth = 1; nth <= layout.count; nth++) {
    if (at + fixedBytes > bytes.length) return wrong(`bitmap ${nth} is not in its directory`)
    const nameBytes = view.getUint16(at + 18)
    const extraBytes = view.getUint32(at + 20)
    const end = at + Math.ceil((fixedBytes + nameBytes + extraBytes) / 8) * 8
    if (end > bytes.length) return wrong(`bitmap ${nth} does not end in its directory`)
    const problem = problemWith(new DataView(bytes.buffer, bytes.byteOffset + at, fixedBytes), layout)
    if (problem !== undefined) return wrong(`bitmap ${nth} has ${problem}`)
    const name = nameOf(bytes.subarray(at + fixedBytes, at + fixedBytes + nameBytes))
    if (names.has(name)) return wrong(`bitmap ${nth} has the name of another one`)
    names.add(name)
    bitmaps.push({
      table: { offset: offsetIn(view, at), entries: view.getUint32(at + 8) },
      isSaved: (view.getUint32(at + 12) & unsavedFlag) === 0,
    })
    at = end
  }
  return at < bytes.length ? wrong(`its directory has more than ${layout.count} bitmaps`) : { bitmaps }
}

function problemWith(view: DataView, { clusterBytes, virtualSizeBytes }: BitmapLayout): string | undefined {
  const offset = offsetIn(view, 0)
  const entries = view.getUint32(8)
  const flags = view.getUint32(12)
  const [type, granularityBits] = [view.getUint8(16), view.getUint8(17)]
  const [nameBytes, extraBytes] = [view.getUint16(18), view.getUint32(20)]
  if (offset === 0 || offset % clusterBytes !== 0) return `its table at byte ${offset}`
  if (entries === 0 || entries > maxTableEntries || entries * clusterBytes > maxBitmapBytes)
    return `a table of ${entries} entries`
  if ((flags & reservedFlags) !== 0) return `unknown flags: ${flags}`
  if (type !== dirtyTrackingType) return `the unknown type ${type}`
  if (granularityBits < minGranularityBits || granularityBits > maxGranularityBits)
    return `bits for 2^${granularityBits} bytes each`
  if (nameBytes > maxNameBytes) return `a name of ${nameBytes} bytes`
  if (extraBytes !== 0) return `${extraBytes} unknown bytes`
  const needed = entriesFor(virtualSizeBytes, granularityBits, clusterBytes)
  if ((flags & unsavedFlag) === 0 && entries !== needed)
    return `a table of ${entries} entries where ${needed} are needed`
  return undefined
}

/** QEMU saves bits in words of 64. */
function entriesFor(virtualSizeBytes: number, granularityBits: number, clusterBytes: number): number {
  const words = Math.ceil(Math.ceil(virtualSizeBytes / 2 ** granularityBits) / 64)
  return Math.ceil((words * 8) / clusterBytes)
}

/** Up to 2^64. Beyond 2^53 it is not exact, but beyond the end of any file all the same. */
const offsetIn = (view: DataView, at: number): number => view.getUint32(at) * 2 ** 32 + view.getUint32(at + 4)

/** Up to the first zero, as QEMU compares it. */
function nameOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0)
  return Buffer.from(end === -1 ? bytes : bytes.subarray(0, end)).toString('latin1')
}
