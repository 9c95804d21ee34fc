import type { ByteSource } from './byte-source.ts'
import type { ImageHeader } from './header.ts'
import type { References } from './references.ts'
import { entries } from './table-entries.ts'
import { type TableVerdict, worse } from './table-verdict.ts'

const fixedBytes = 24
/** QEMU's own limits. */
const maxDirectoryBytes = 64 * 2 ** 20
const maxTableEntries = 8 * 2 ** 20
const entryReservedBitsHigh = 0xff_00_00_00
const entryReservedBitsLow = 0x1_fe

/** Checks where persistent bitmaps are. No restore reads them, but QEMU reads their directory when it opens an image. */
export async function checkBitmaps(
  source: ByteSource,
  { bitmaps, features, clusterBytes }: ImageHeader,
  fileBytes: number,
  references: References,
): Promise<TableVerdict | undefined> {
  if (bitmaps === undefined || !features.autoclear.includes('bitmaps')) return undefined
  const place = { what: 'the directory of bitmaps', offset: bitmaps.offset }
  const wrong = (why: string): TableVerdict => ({ verdict: 'suspect', ...place, why })
  if (bitmaps.lengthBytes > maxDirectoryBytes) return wrong(`the directory of bitmaps has ${bitmaps.lengthBytes} bytes`)
  if (bitmaps.offset + bitmaps.lengthBytes > fileBytes) return undefined
  let finding = references.addMetadata('the directory of bitmaps', bitmaps.offset, bitmaps.lengthBytes)
  const bytes = await source.read(bitmaps.offset, bitmaps.lengthBytes)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 0
  for (let index = 0; index < bitmaps.count; index++) {
    if (at + fixedBytes > bytes.length) return worse(finding, wrong(`bitmap ${index + 1} is not in its directory`))
    const offset = view.getUint32(at) * 2 ** 32 + view.getUint32(at + 4)
    const tableEntries = view.getUint32(at + 8)
    const tailBytes = view.getUint16(at + 18) + view.getUint32(at + 20)
    at += Math.ceil((fixedBytes + tailBytes) / 8) * 8
    if (at > bytes.length) return worse(finding, wrong(`bitmap ${index + 1} does not end in its directory`))
    if (offset % clusterBytes !== 0 || tableEntries > maxTableEntries || offset + tableEntries * 8 > fileBytes)
      return worse(finding, wrong(`the table of bitmap ${index + 1} cannot be at byte ${offset}`))
    finding = worse(finding, references.addMetadata(`the table of bitmap ${index + 1}`, offset, tableEntries * 8))
    for await (const entry of entries(source, offset, tableEntries)) {
      if ((entry.high & entryReservedBitsHigh) !== 0 || (entry.low & entryReservedBitsLow) !== 0)
        references.note(`an entry of bitmap ${index + 1} has reserved bits`, offset + entry.index * 8)
      if (entry.offset === 0) continue
      if (entry.offset % clusterBytes !== 0 || entry.offset >= fileBytes)
        references.note(`an entry of bitmap ${index + 1} leads to byte ${entry.offset}`, offset + entry.index * 8)
      else finding = worse(finding, references.addBlock('a bitmap', entry.offset))
    }
  }
  if (at < bytes.length) finding = worse(finding, wrong(`its directory has more than ${bitmaps.count} bitmaps`))
  return finding
}
