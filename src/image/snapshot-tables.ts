import type { ByteSource } from './byte-source.ts'
import type { ImageHeader } from './header.ts'
import { HeaderError } from './header-error.ts'
import { compressedBit, compressedPlaceAt, entryBytesOf, irregularityOf, offsetAt } from './l2-entries.ts'
import { type CheckOptions, defaultMaxBytes } from './l2-tables.ts'
import type { References } from './references.ts'
import { type InternalSnapshot, readSnapshots } from './snapshots.ts'
import { entries, hasReservedBitsOfL1, pieceBytes } from './table-entries.ts'
import { isFinal, judgePlace, type TableVerdict, worse } from './table-verdict.ts'

const maxL1Entries = (32 * 2 ** 20) / 8
/** QEMU's own limit. */
const maxTableBytes = 64 * 2 ** 20

/** Checks the tables of internal snapshots. No restore reads them, but they explain refcounts. */
export async function checkSnapshots(
  source: ByteSource,
  header: ImageHeader,
  fileBytes: number,
  references: References,
  { maxBytes = defaultMaxBytes, signal }: CheckOptions,
): Promise<TableVerdict | undefined> {
  if (header.snapshots.count === 0) return undefined
  const { offset, count } = header.snapshots
  let finding: TableVerdict | undefined
  let end = offset
  const left = { bytes: maxBytes }
  try {
    for await (const snapshot of readSnapshots(source, header)) {
      end = snapshot.endOffset
      signal?.throwIfAborted()
      if (end - offset > maxTableBytes) {
        const why = `the table of internal snapshots has more than ${maxTableBytes} bytes`
        return { verdict: 'damaged', what: 'the table of internal snapshots', offset, why }
      }
      finding = worse(finding, await addSnapshot(snapshot))
      if (isFinal(finding)) return finding
    }
  } catch (error) {
    if (!(error instanceof HeaderError)) throw error
    // The disk itself can be read without it.
    const verdict = error.problem === 'cut short' ? 'unknown' : 'damaged'
    return worse(finding, { verdict, what: 'the table of internal snapshots', offset })
  }
  return worse(finding, references.addMetadata(`the table of ${count} internal snapshots`, offset, end - offset))

  async function addSnapshot({ l1, name }: InternalSnapshot): Promise<TableVerdict | undefined> {
    const place = { what: 'the L1 table of an internal snapshot', offset: l1.offset }
    const lengthBytes = l1.entries * 8
    const cut = judgePlace(place, l1.offset + lengthBytes, fileBytes)
    if (cut?.verdict === 'truncated') return cut
    if (l1.offset % header.clusterBytes !== 0 || l1.entries > maxL1Entries) {
      const why = `the L1 table of the internal snapshot ${JSON.stringify(name)} cannot be at byte ${l1.offset} with ${l1.entries} entries`
      return { verdict: 'suspect', ...place, why }
    }
    let found = worse(cut, references.addOfSnapshot(l1.offset, lengthBytes))
    for await (const { index, offset: table, high, low } of entries(source, l1.offset, l1.entries)) {
      left.bytes -= header.clusterBytes
      if (hasReservedBitsOfL1({ high, low })) {
        const about = `entry ${index} of the L1 table of the internal snapshot ${JSON.stringify(name)} has reserved bits`
        references.note(about, l1.offset + index * 8)
      }
      const why = `an entry of the L1 table of the internal snapshot ${JSON.stringify(name)} leads to byte ${table}`
      const isThere = table !== 0 && table % header.clusterBytes === 0 && table < fileBytes
      if (!isThere) found = worse(found, { verdict: 'suspect', ...place, offset: table, why })
      else if (left.bytes < 0)
        return worse(found, { verdict: 'suspect', ...place, why: 'internal snapshots have too many tables to read' })
      else {
        found = worse(found, references.addOfSnapshot(table, header.clusterBytes))
        found = worse(found, await addTable(table))
      }
    }
    return found
  }

  async function addTable(tableOffset: number): Promise<TableVerdict | undefined> {
    let found: TableVerdict | undefined
    for (let at = 0; at < header.clusterBytes; at += pieceBytes) {
      const table = await source.read(tableOffset + at, Math.min(pieceBytes, header.clusterBytes - at))
      found = worse(found, addEntries(table, tableOffset + at, header, fileBytes, references))
    }
    return found
  }
}

function addEntries(
  table: Uint8Array,
  tableOffset: number,
  header: ImageHeader,
  fileBytes: number,
  references: References,
): TableVerdict | undefined {
  const view = new DataView(table.buffer, table.byteOffset, table.byteLength)
  const entryBytes = entryBytesOf(header)
  let finding: TableVerdict | undefined
  for (let at = 0; at + entryBytes <= table.length; at += entryBytes) {
    const high = view.getUint32(at)
    const isCompressed = (high & compressedBit) !== 0
    const irregular = irregularityOf(view, at, header)
    if (irregular !== undefined) references.note(`an entry of an internal snapshot has ${irregular}`, tableOffset + at)
    const place = isCompressed ? compressedPlaceAt(view, at, header.clusterBits) : undefined
    const offset = place?.offset ?? offsetAt(view, at)
    if (offset === 0) continue
    if (offset >= fileBytes || (!isCompressed && offset % header.clusterBytes !== 0)) {
      const what = 'a cluster of an internal snapshot'
      finding = worse(finding, { verdict: 'suspect', what, offset, why: `${what} cannot be at byte ${offset}` })
      continue
    }
    finding = worse(finding, references.addOfSnapshot(offset, (place?.end ?? offset + header.clusterBytes) - offset))
  }
  return finding
}
