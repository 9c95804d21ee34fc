import type { ByteSource } from './byte-source.ts'
import type { ImageHeader } from './header.ts'
import { entryBytesOf, judgeEntries } from './l2-entries.ts'
import { entries, pieceBytes } from './table-entries.ts'
import { type TableVerdict, worse } from './table-verdict.ts'

export interface CheckOptions {
  readonly signal?: AbortSignal
  /** Maximum length of L2 tables to read; beyond it the verdict is `unknown`. A full disk of 16 TiB has 2 GiB. */
  readonly maxBytes?: number
}

/** How many pieces are read at a time: at most 1 MiB of memory, whatever an image holds. */
const piecesAtOnce = 8
/** Maximum number of L2 tables that are remembered as seen; it costs some MiB. */
const maxSeen = 65_536

interface Piece {
  readonly offset: number
  readonly lengthBytes: number
  readonly guestOffset: number
}

/** Compares the L2 tables of an image with the length of its file. */
export async function checkL2Tables(
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

/** Yields the L2 tables in pieces, or a verdict that ends it: an L1 entry that is proof alone. */
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
    // The file has no room for so many tables: one is in it twice.
    if (totalBytes > fileBytes + clusterBytes) yield { verdict: 'damaged', ...place }
    if (totalBytes > maxBytes) yield { verdict: 'unknown', ...place, what: `more than ${maxBytes} bytes of L2 tables` }
    for (let at = 0; at < clusterBytes; at += pieceBytes) {
      const lengthBytes = Math.min(pieceBytes, clusterBytes - at)
      yield { offset: offset + at, lengthBytes, guestOffset: place.guestOffset + (at / entryBytes) * clusterBytes }
    }
  }
}

/** Entries beyond the end of the disk may be missing. */
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
