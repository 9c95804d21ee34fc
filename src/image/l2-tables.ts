import type { ByteSource } from './byte-source.ts'
import { CompressedClusters } from './compressed.ts'
import type { ImageHeader } from './header.ts'
import { copiedBit, type EntrySink, entryBytesOf, judgeEntries } from './l2-entries.ts'
import type { References } from './references.ts'
import { entries, hasReservedBitsOfL1, pieceBytes } from './table-entries.ts'
import { isFinal, type TableVerdict, worse } from './table-verdict.ts'

export interface CheckOptions {
  readonly signal?: AbortSignal
  /** Maximum length of L2 tables to read; beyond it the verdict is `suspect`. A full disk of 16 TiB has 2 GiB. */
  readonly maxBytes?: number
}

export const defaultMaxBytes = 4 * 2 ** 30

/** How many pieces are read at a time: at most 1 MiB of memory, whatever an image holds. */
const piecesAtOnce = 8

interface Piece {
  readonly offset: number
  readonly lengthBytes: number
  readonly guestOffset: number
}

/** Compares the L2 tables of an image with the length of its file, and adds their clusters to `references`. */
export async function checkL2Tables(
  source: ByteSource,
  header: ImageHeader,
  fileBytes: number,
  references: References,
  options: CheckOptions,
): Promise<TableVerdict | undefined> {
  let finding: TableVerdict | undefined
  const compressed = new CompressedClusters(source, header)
  const check = async (pieces: readonly Piece[]) => {
    options.signal?.throwIfAborted()
    const tables = await Promise.all(pieces.map((piece) => source.read(piece.offset, piece.lengthBytes)))
    for (const [index, piece] of pieces.entries()) {
      const sink: EntrySink = { references, compressed: [] }
      finding = worse(finding, judgePiece(tables[index] ?? new Uint8Array(), piece, header, fileBytes, sink))
      if (!isFinal(finding)) finding = worse(finding, await compressed.check(sink.compressed))
    }
    return isFinal(finding)
  }
  let pieces: Piece[] = []
  for await (const found of l2Pieces(source, header, fileBytes, references, options)) {
    if ('verdict' in found) {
      finding = worse(finding, found)
      if (!isFinal(found)) continue
      await check(pieces)
      return finding
    }
    pieces.push(found)
    if (pieces.length < piecesAtOnce) continue
    if (await check(pieces)) return finding
    pieces = []
  }
  await check(pieces)
  return finding
}

/** Yields the L2 tables in pieces, and verdicts on entries of the L1 table. */
async function* l2Pieces(
  source: ByteSource,
  header: ImageHeader,
  fileBytes: number,
  references: References,
  { maxBytes = defaultMaxBytes }: CheckOptions,
): AsyncGenerator<Piece | TableVerdict, void, undefined> {
  const { clusterBytes, l1 } = header
  const entryBytes = entryBytesOf(header)
  const guestBytesOfL2 = (clusterBytes / entryBytes) * clusterBytes
  let totalBytes = 0
  for await (const { index, offset, high, low } of entries(source, l1.offset, l1.entries)) {
    const place = { what: 'an L2 table', offset, guestOffset: index * guestBytesOfL2 }
    if (offset === 0 || offset % clusterBytes !== 0) yield { verdict: 'damaged', ...place }
    if (offset >= fileBytes) yield { verdict: 'truncated', ...place }
    if (hasReservedBitsOfL1({ high, low }))
      references.noteEntry(`entry ${index} of the L1 table has reserved bits`, l1.offset + index * 8)
    const collision = references.addL2Table(offset, (high & copiedBit) !== 0, place.guestOffset)
    if (collision !== undefined) yield collision
    totalBytes += clusterBytes
    if (totalBytes > maxBytes) {
      yield { verdict: 'suspect', ...place, why: `the image has more than ${maxBytes} bytes of L2 tables` }
      return
    }
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
  sink: EntrySink,
): TableVerdict | undefined {
  const place = { what: 'an L2 table', offset, guestOffset }
  const entriesInDisk = Math.ceil(Math.max(0, header.virtualSizeBytes - guestOffset) / header.clusterBytes)
  const isEnough = table.length >= Math.min(lengthBytes, entriesInDisk * entryBytesOf(header))
  return worse(
    judgeEntries(table, guestOffset, header, fileBytes, sink),
    isEnough ? undefined : { verdict: 'unknown', ...place },
  )
}
