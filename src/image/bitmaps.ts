import { type BitmapEntry, parseBitmapDirectory } from './bitmap-directory.ts'
import type { ByteSource } from './byte-source.ts'
import type { ImageHeader } from './header.ts'
import type { References } from './references.ts'
import { entries } from './table-entries.ts'
import { type TableVerdict, worse } from './table-verdict.ts'

/** QEMU's own limit. */
const maxDirectoryBytes = 65_535 * 1024
const entryReservedBitsHigh = 0xff_00_00_00
const entryReservedBitsLow = 0x1_fe
const allOnesBit = 1

/** Checks persistent bitmaps. No restore needs them, but QEMU reads them when it opens an image, and refuses it if it cannot. */
export async function checkBitmaps(
  source: ByteSource,
  { bitmaps, features, clusterBytes, virtualSizeBytes }: ImageHeader,
  fileBytes: number,
  references: References,
): Promise<TableVerdict | undefined> {
  if (bitmaps === undefined || !features.autoclear.includes('bitmaps')) return undefined
  const { count, offset, lengthBytes, reserved } = bitmaps
  const wrong = (why: string): TableVerdict => ({ verdict: 'suspect', what: 'the directory of bitmaps', offset, why })
  if (lengthBytes === 0 || lengthBytes > maxDirectoryBytes)
    return wrong(`the directory of bitmaps has ${lengthBytes} bytes`)
  if (offset % clusterBytes !== 0) return wrong(`the directory of bitmaps begins within a cluster, at byte ${offset}`)
  if (reserved !== 0) return wrong('the pointer to the directory of bitmaps has reserved bits')
  if (offset + lengthBytes > fileBytes) return undefined
  let finding = references.addMetadata('the directory of bitmaps', offset, lengthBytes)
  const bytes = await source.read(offset, lengthBytes)
  const directory = parseBitmapDirectory(bytes, { count, clusterBytes, virtualSizeBytes })
  for (const [index, bitmap] of directory.bitmaps.entries())
    finding = worse(finding, await checkBitmap(bitmap, index + 1))
  return worse(finding, directory.why === undefined ? undefined : wrong(directory.why))

  async function checkBitmap({ table, isSaved }: BitmapEntry, nth: number): Promise<TableVerdict | undefined> {
    if (table.offset + table.entries * 8 > fileBytes)
      return wrong(`the table of bitmap ${nth} cannot be at byte ${table.offset}`)
    let found = references.addMetadata(`the table of bitmap ${nth}`, table.offset, table.entries * 8)
    for await (const entry of entries(source, table.offset, table.entries)) {
      const problem = problemWith(entry)
      const why = `an entry of bitmap ${nth} ${problem}`
      if (problem === undefined) found = worse(found, references.addBlock('a bitmap', entry.offset))
      else if (problem !== '' && isSaved) found = worse(found, wrong(why))
      else if (problem !== '') references.note(why, table.offset + entry.index * 8)
    }
    return found
  }

  /** Undefined for a cluster of bits, empty for an entry without one. */
  function problemWith({ offset: at, high, low }: { offset: number; high: number; low: number }): string | undefined {
    if ((high & entryReservedBitsHigh) !== 0 || (low & entryReservedBitsLow) !== 0) return 'has reserved bits'
    if (at === 0) return ''
    if ((low & allOnesBit) !== 0) return 'has a cluster and the flag for none'
    return at % clusterBytes === 0 && at < fileBytes ? undefined : `leads to byte ${at}`
  }
}
