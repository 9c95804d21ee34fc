import type { ByteSource } from './byte-source.ts'
import { offsetAt } from './l2-entries.ts'

/** How much of a table is read at once. */
export const pieceBytes = 128 * 1024

/** Yields the entries of a table that are not zero. */
export async function* entries(
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
