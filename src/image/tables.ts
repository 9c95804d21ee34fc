import type { ByteSource } from './byte-source.ts'
import type { ImageHeader } from './header.ts'
import { HeaderError } from './header-error.ts'
import { type CheckOptions, checkL2Tables } from './l2-tables.ts'
import { readSnapshots } from './snapshots.ts'
import { entries } from './table-entries.ts'
import { judgePlace, type TableVerdict, worse } from './table-verdict.ts'

/**
 * Compares the tables of an image with the length of its file. Content in the parent, and content of internal snapshots
 * alone, is ignored.
 * @throws HeaderError `unsupported` if the data is in an external file; what `source` throws; the signal's reason
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
    return { verdict: 'unknown', what: 'the file, which shrank while it was read', offset: error.offset }
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

/** Reads nothing beyond `fileBytes`. The file may shrink meanwhile: a short read must not pass for a hole. */
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

/**
 * Judges what the header itself refers to. The length of an L1 table is exact, so that an incomplete one proves a cut.
 */
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
    // The disk can be read without internal snapshots.
    const verdict = error.problem === 'cut short' ? 'unknown' : 'damaged'
    return worse(finding, { verdict, what: 'the table of internal snapshots', offset: header.snapshots.offset })
  }
  return finding
}

/** Reading needs no refcounts, but one beyond the end proves that the file was longer. */
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
