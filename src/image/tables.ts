import { checkBitmaps } from './bitmaps.ts'
import type { ByteSource } from './byte-source.ts'
import { TooManyClustersError } from './cluster-use.ts'
import { checkEncryptionHeader } from './encryption-header.ts'
import type { ImageHeader } from './header.ts'
import { HeaderError } from './header-error.ts'
import { type CheckOptions, checkL2Tables } from './l2-tables.ts'
import { compareRefcounts, findRefcountBlocks } from './refcounts.ts'
import { References } from './references.ts'
import { checkSnapshots } from './snapshot-tables.ts'
import { isFinal, judgePlace, type TableVerdict, worse } from './table-verdict.ts'

/**
 * Compares the tables of an image with the length of its file and with its refcounts, as `qemu-img check` does, and
 * decompresses compressed clusters. Content in the parent is ignored.
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
  try {
    const references = new References(header, fileBytes)
    const finding = (await checkAll(whole, header, fileBytes, references, options)) ?? { verdict: 'sound' }
    return { ...finding, ...(!references.hasContent && !isFinal(finding) && { isBlank: true }) }
  } catch (error) {
    if (error instanceof TooManyClustersError)
      return { verdict: 'suspect', what: 'its tables', why: 'its tables refer to too many clusters to count them' }
    if (!(error instanceof ShrunkError)) throw error
    return { verdict: 'unknown', what: 'the file, which shrank while it was read', offset: error.offset }
  }
}

async function checkAll(
  source: ByteSource,
  header: ImageHeader,
  fileBytes: number,
  references: References,
  options: CheckOptions,
): Promise<TableVerdict | undefined> {
  let finding = judgeHeader(header, fileBytes)
  if (isFinal(finding)) return finding
  finding = worse(finding, addHeader(header, references))
  finding = worse(finding, await checkEncryptionHeader(source, header, fileBytes))
  if (isFinal(finding)) return finding
  const { blocks, finding: ofBlocks } = await findRefcountBlocks(source, header, fileBytes, references)
  finding = worse(finding, ofBlocks)
  for (const check of [checkBitmaps, checkL2Tables, checkSnapshots]) {
    if (isFinal(finding)) return finding
    finding = worse(finding, await check(source, header, fileBytes, references, options))
  }
  if (isFinal(finding)) return finding
  // Where tables collide, refcounts would only repeat it.
  if (finding?.verdict !== 'suspect')
    finding = worse(finding, await compareRefcounts(source, header, fileBytes, references, blocks, options))
  return [judgeFeatures(header), references.noted].reduce(worse, finding)
}

/** QEMU makes no disk with a part of a sector, and leaves it out where it reads one. */
const sectorBytes = 512

/** Adds what the header itself refers to. */
function addHeader(header: ImageHeader, references: References): TableVerdict | undefined {
  const { l1, refcountTable, encryptionHeader, clusterBytes } = header
  return [
    references.addMetadata('the header', 0, clusterBytes, true),
    references.addMetadata('the L1 table', l1.offset, l1.entries * 8, true),
    references.addMetadata('the refcount table', refcountTable.offset, refcountTable.clusters * clusterBytes),
    encryptionHeader &&
      references.addMetadata('the encryption header', encryptionHeader.offset, encryptionHeader.lengthBytes, true),
  ].reduce(worse, undefined)
}

function judgeFeatures({ features: { incompatible }, virtualSizeBytes }: ImageHeader): TableVerdict | undefined {
  const place = { what: 'the header', offset: 0 }
  if (virtualSizeBytes % sectorBytes !== 0) {
    const why = `the disk has ${virtualSizeBytes} bytes, and QEMU reads only whole sectors of ${sectorBytes} bytes`
    return { verdict: 'suspect', ...place, why }
  }
  if (incompatible.includes('corrupt'))
    return { verdict: 'suspect', ...place, why: 'QEMU has marked the image as corrupt' }
  if (incompatible.includes('dirty'))
    return { verdict: 'minor', ...place, why: 'the image was not closed by the program that wrote it' }
  return undefined
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
    async read(offset, lengthBytes, into) {
      const lengthInFile = Math.min(lengthBytes, fileBytes - offset)
      if (lengthInFile <= 0) return new Uint8Array(0)
      const bytes = await source.read(offset, lengthInFile, into)
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
