import type { ByteSource } from './byte-source.ts'
import type { ImageHeader } from './header.ts'
import { HeaderError } from './header-error.ts'
import { entryBytesOf, judgeEntries, offsetAt } from './l2-entries.ts'
import { readSnapshots } from './snapshots.ts'
import { judgePlace, type TableVerdict, worse } from './table-verdict.ts'

export type { TableVerdict }

export interface CheckOptions {
  readonly signal?: AbortSignal
  /** Of L2 tables: beyond it the verdict is `unknown`. They have 2 GiB where a disk of 16 TiB is full. */
  readonly maxBytes?: number
}

/** What is read at once, and how many at a time: 1 MiB of memory at most, whatever an image says. */
const pieceBytes = 128 * 1024
const piecesAtOnce = 8
/** L2 tables of which it is remembered that they were seen; it costs some MiB. */
const maxSeen = 65_536

/**
 * Holds the tables of an image against the length of its file. Content that is in the parent is not looked at, nor
 * what only internal snapshots have.
 * @throws HeaderError 'unsupported' where the data is in an external file; what `source` throws; the signal's reason
 */
export async function checkTables(
  source: ByteSource,
  header: ImageHeader,
  fileBytes: number,
  options: CheckOptions = {},
): Promise<TableVerdict> {
  if (header.externalDataFile !== undefined) {
    throw new HeaderError('unsupported', 'the data is in an external file')
  }
  const whole = wholeSource(source, fileBytes)
  let finding = judgeHeader(header, fileBytes)
  try {
    for (const check of [checkL2Tables, checkSnapshots, checkRefcountBlocks]) {
      if (finding && finding.verdict !== 'unknown') break
      finding = worse(finding, await check(whole, header, fileBytes, options))
    }
  } catch (error) {
    if (!(error instanceof ShrunkError)) throw error
    return { verdict: 'unknown', what: 'the file, which became shorter while it was read', offset: error.offset }
  }
  return finding ?? { verdict: 'sound' }
}

class ShrunkError extends Error {
  readonly offset: number

  constructor(offset: number) {
    super(`nothing at ${offset}`)
    this.offset = offset
  }
}

/**
 * Nothing is read beyond `fileBytes`. The file may change while it is read: what is short of that must not pass for a
 * hole.
 */
function wholeSource(source: ByteSource, fileBytes: number): ByteSource {
  return {
    async read(offset, lengthBytes) {
      const lengthInFile = Math.min(lengthBytes, fileBytes - offset)
      if (lengthInFile <= 0) return new Uint8Array(0)
      const bytes = await source.read(offset, lengthInFile)
      if (bytes.length < lengthInFile) throw new ShrunkError(offset + bytes.length)
      return bytes
    },
  }
}

/** What the header itself refers to. The length of an L1 table is exact, so that a part of one proves a cut. */
function judgeHeader(header: ImageHeader, fileBytes: number): TableVerdict | undefined {
  const { l1, refcountTable, encryptionHeader, snapshots, bitmaps, clusterBytes } = header
  const l1Table = { what: 'the L1 table', offset: l1.offset }
  if (l1.entries > 0 && l1.offset + l1.entries * 8 > fileBytes) return { verdict: 'truncated', ...l1Table }
  if (l1.entries > 0 && l1.offset < clusterBytes) return { verdict: 'damaged', ...l1Table }
  const judge = (what: string, offset: number, lengthBytes: number) =>
    judgePlace({ what, offset }, offset + lengthBytes, fileBytes)
  let finding = judge('the refcount table', refcountTable.offset, refcountTable.clusters * clusterBytes)
  if (encryptionHeader) {
    finding = worse(finding, judge('the encryption header', encryptionHeader.offset, encryptionHeader.lengthBytes))
  }
  if (snapshots.count > 0) finding = worse(finding, judge('the table of internal snapshots', snapshots.offset, 0))
  if (bitmaps && header.features.autoclear.includes('bitmaps')) {
    finding = worse(finding, judge('the bitmaps', bitmaps.offset, bitmaps.lengthBytes))
  }
  return finding
}

interface Piece {
  readonly offset: number
  readonly lengthBytes: number
  readonly guestOffset: number
}

async function checkL2Tables(
  source: ByteSource,
  header: ImageHeader,
  fileBytes: number,
  options: CheckOptions,
): Promise<TableVerdict | undefined> {
  let finding: TableVerdict | undefined
  const check = async (pieces: readonly Piece[]) => {
    options.signal?.throwIfAborted()
    const tables = await Promise.all(pieces.map((piece) => source.read(piece.offset, piece.lengthBytes)))
    for (const [index, piece] of pieces.entries()) {
      finding = worse(finding, judgePiece(tables[index] ?? new Uint8Array(), piece, header, fileBytes))
    }
    return finding !== undefined && finding.verdict !== 'unknown'
  }
  let pieces: Piece[] = []
  for await (const found of l2Pieces(source, header, fileBytes, options)) {
    if ('verdict' in found) {
      await check(pieces)
      return worse(finding, found)
    }
    pieces.push(found)
    if (pieces.length < piecesAtOnce) continue
    if (await check(pieces)) return finding
    pieces = []
  }
  await check(pieces)
  return finding
}

/** The L2 tables in pieces, or a finding that ends it: an L1 entry that is enough by itself. */
async function* l2Pieces(
  source: ByteSource,
  header: ImageHeader,
  fileBytes: number,
  { maxBytes = 4 * 2 ** 30 }: CheckOptions,
): AsyncGenerator<Piece | TableVerdict, void, undefined> {
  const { clusterBytes, l1 } = header
  const entryBytes = entryBytesOf(header)
  const guestBytesOfL2 = (clusterBytes / entryBytes) * clusterBytes
  const seen = new Set<number>()
  let totalBytes = 0
  for await (const { index, offset } of entries(source, l1.offset, l1.entries)) {
    const place = { what: 'an L2 table', offset, guestOffset: index * guestBytesOfL2 }
    const isInL1 = offset >= l1.offset && offset < l1.offset + l1.entries * 8
    const isImpossible = offset === 0 || offset % clusterBytes !== 0 || isInL1
    if (isImpossible || seen.has(offset)) yield { verdict: 'damaged', ...place }
    if (offset >= fileBytes) yield { verdict: 'truncated', ...place }
    if (seen.size < maxSeen) seen.add(offset)
    totalBytes += clusterBytes
    // More tables than the file has room for: one of them is there twice.
    if (totalBytes > fileBytes + clusterBytes) yield { verdict: 'damaged', ...place }
    if (totalBytes > maxBytes) yield { verdict: 'unknown', ...place, what: `more than ${maxBytes} bytes of L2 tables` }
    for (let at = 0; at < clusterBytes; at += pieceBytes) {
      const lengthBytes = Math.min(pieceBytes, clusterBytes - at)
      yield { offset: offset + at, lengthBytes, guestOffset: place.guestOffset + (at / entryBytes) * clusterBytes }
    }
  }
}

/** Entries beyond the end of the disk need not be there. */
function judgePiece(
  table: Uint8Array,
  { offset, lengthBytes, guestOffset }: Piece,
  header: ImageHeader,
  fileBytes: number,
): TableVerdict | undefined {
  const place = { what: 'an L2 table', offset, guestOffset }
  const entriesInDisk = Math.ceil(Math.max(0, header.virtualSizeBytes - guestOffset) / header.clusterBytes)
  const isEnough = table.length >= Math.min(lengthBytes, entriesInDisk * entryBytesOf(header))
  return worse(
    judgeEntries(table, guestOffset, header, fileBytes),
    isEnough ? undefined : { verdict: 'unknown', ...place },
  )
}

async function checkSnapshots(
  source: ByteSource,
  header: ImageHeader,
  fileBytes: number,
): Promise<TableVerdict | undefined> {
  let finding: TableVerdict | undefined
  try {
    for await (const { l1 } of readSnapshots(source, header)) {
      const place = { what: 'the L1 table of an internal snapshot', offset: l1.offset }
      finding = worse(finding, judgePlace(place, l1.offset + l1.entries * 8, fileBytes))
      if (finding?.verdict === 'truncated') break
    }
  } catch (error) {
    if (!(error instanceof HeaderError)) throw error
    // The disk itself can be read without it.
    const verdict = error.problem === 'cut short' ? 'unknown' : 'damaged'
    return worse(finding, { verdict, what: 'the table of internal snapshots', offset: header.snapshots.offset })
  }
  return finding
}

/** Reading needs none of them, but one beyond the end shows that the file was longer. */
async function checkRefcountBlocks(
  source: ByteSource,
  { refcountTable, clusterBytes }: ImageHeader,
  fileBytes: number,
): Promise<TableVerdict | undefined> {
  let finding: TableVerdict | undefined
  for await (const { offset } of entries(source, refcountTable.offset, (refcountTable.clusters * clusterBytes) / 8)) {
    finding = worse(finding, judgePlace({ what: 'a refcount block', offset }, offset + clusterBytes, fileBytes))
    if (finding?.verdict === 'truncated') break
  }
  return finding
}

/** The entries of a table that are not zero, read in pieces. */
async function* entries(
  source: ByteSource,
  tableOffset: number,
  count: number,
): AsyncGenerator<{ readonly index: number; readonly offset: number }, void, undefined> {
  const perPiece = pieceBytes / 8
  for (let first = 0; first < count; first += perPiece) {
    const bytes = await source.read(tableOffset + first * 8, Math.min(perPiece, count - first) * 8)
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    for (let at = 0; at + 8 <= bytes.length; at += 8) {
      if (view.getUint32(at) === 0 && view.getUint32(at + 4) === 0) continue
      yield { index: first + at / 8, offset: offsetAt(view, at) }
    }
    if (bytes.length < Math.min(perPiece, count - first) * 8) return
  }
}
