import type { ByteSource } from './byte-source.ts'
import { offsetAt } from './l2-entries.ts'

/** How much of a table is read at once. */
export const pieceBytes = 128 * 1024

export interface TableEntry {
  readonly index: number
  /** Bits 9 to 55. */
  readonly offset: number
  /** The entry itself. */
  readonly high: number
  readonly low: number
}

const l1ReservedBitsHigh = 0x7f_00_00_00
const l1ReservedBitsLow = 0x1_ff

/** True if an entry of an L1 table has bits that no intact image has. */
export const hasReservedBitsOfL1 = ({ high, low }: Pick<TableEntry, 'high' | 'low'>): boolean =>
  (high & l1ReservedBitsHigh) !== 0 || (low & l1ReservedBitsLow) !== 0

/** Most of a table is blank, which the comparison of whole parts finds much faster than a look at each entry. */
const blankBytes = 4096
const blank = Buffer.alloc(blankBytes)

const isBlank = (bytes: Uint8Array, at: number): boolean =>
  at + blankBytes <= bytes.length && blank.equals(bytes.subarray(at, at + blankBytes))

/** Pieces that no table is read into at the moment: a new one for each small table takes longer than the table. */
const pieces: Buffer[] = []

/** Yields the entries of a table that are not zero. */
export async function* entries(
  source: ByteSource,
  tableOffset: number,
  count: number,
): AsyncGenerator<TableEntry, void, undefined> {
  const perPiece = pieceBytes / 8
  const piece = pieces.pop() ?? Buffer.allocUnsafeSlow(pieceBytes)
  try {
    for (let first = 0; first < count; first += perPiece) {
      const bytes = await source.read(tableOffset + first * 8, Math.min(perPiece, count - first) * 8, piece)
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      for (let at = 0; at + 8 <= bytes.length; at += 8) {
        if (at % blankBytes === 0 && isBlank(bytes, at)) {
          at += blankBytes - 8
          continue
        }
        const [high, low] = [view.getUint32(at), view.getUint32(at + 4)]
        if (high === 0 && low === 0) continue
        yield { index: first + at / 8, offset: offsetAt(view, at), high, low }
      }
      if (bytes.length < Math.min(perPiece, count - first) * 8) return
    }
  } finally {
    pieces.push(piece)
  }
}
