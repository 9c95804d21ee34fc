import { createHash } from 'node:crypto'
import { HeaderError, type ImageHeader, parseHeader } from '../../image/header.ts'
import { checkTables } from '../../image/tables.ts'
import type { FoundImage, HeaderFacts, ImageProblem } from './found.ts'
import { messageOf } from './oddities.ts'
import type { ScanRequest } from './reader-protocol.ts'
import type { OpenFile, TargetTree } from './target-tree.ts'

const firstBytes = 4096
/** The largest cluster size. */
const maxHeaderBytes = 2 * 2 ** 20
const buffer = Buffer.allocUnsafeSlow(firstBytes)

/**
 * Reads one image. Its defects are returned, not thrown. It is opened once, because opening takes many requests on a
 * share.
 */
export async function readImage(
  tree: TargetTree,
  path: string,
  name: string,
  { depth, isIdentifying }: ImageReading,
): Promise<FoundImage> {
  const look = (file: OpenFile) => withHeader(name, file, isIdentifying)
  try {
    if (depth === 'headers') return tree.withFile(path, (file) => look(file).found)
    return await tree.withFileAsync(path, (file) => withTables(file, look(file)))
  } catch (error) {
    return { name, fileBytes: 0, uid: 0, gid: 0, problem: { kind: 'unreadable', message: messageOf(error) } }
  }
}

/** How much of each image is read. */
export type ImageReading = Pick<ScanRequest, 'depth' | 'isIdentifying'>

interface Looked {
  readonly found: FoundImage
  readonly header?: ImageHeader
}

function withHeader(name: string, open: OpenFile, isIdentifying = false): Looked {
  const { fileBytes, uid, gid, writtenMs, inode, changedMs } = open
  const first = buffer.subarray(0, open.fill(buffer, 0))
  const identify = () => ({ writtenMs, head: createHash('sha256').update(first).digest('hex'), inode, changedMs })
  const file = { name, fileBytes, uid, gid, writtenMs, ...(isIdentifying && { identity: identify() }) }
  try {
    const header = readHeader(open, first)
    const problem = beyondTheEnd(header, fileBytes)
    return { header, found: { ...file, header: factsOf(header), ...(problem && { problem }) } }
  } catch (error) {
    if (!(error instanceof HeaderError)) throw error
    return { found: { ...file, problem: problemOf(error, fileBytes) } }
  }
}

function readHeader(file: OpenFile, first: Uint8Array): ImageHeader {
  try {
    return parseHeader(first)
  } catch (error) {
    if (!(error instanceof HeaderError) || first.length < firstBytes) throw error
    const { enoughBytes = 0 } = error
    if (enoughBytes <= firstBytes || enoughBytes > maxHeaderBytes) throw error
    const more = Buffer.allocUnsafe(enoughBytes)
    return parseHeader(more.subarray(0, file.fill(more, 0)))
  }
}

function factsOf(header: ImageHeader): HeaderFacts {
  const { virtualSizeBytes, backing, backingFormat, encryption, externalDataFile, features } = header
  return {
    virtualBytes: virtualSizeBytes,
    ...(backing && { backing: backing.name }),
    ...(backingFormat !== undefined && { backingFormat }),
    ...(encryption !== 'none' && { encryption }),
    ...(externalDataFile !== undefined && { hasExternalData: true as const }),
    ...(features.incompatible.includes('corrupt') && { isMarkedCorrupt: true as const }),
  }
}

function problemOf(error: HeaderError, fileBytes: number): ImageProblem {
  const { message, problem } = error
  if (fileBytes === 0) return { kind: 'truncated', message: 'the file is empty' }
  if (problem === 'cut short') return { kind: 'truncated', message }
  return { kind: problem === 'not qcow2' ? 'not-qcow2' : problem, message }
}

/** The header gives the position of its tables, so that a cut file is found without reading them. */
function beyondTheEnd({ l1, refcountTable }: ImageHeader, fileBytes: number): ImageProblem | undefined {
  const l1End = l1.entries === 0 ? 0 : l1.offset + l1.entries * 8
  if (l1End > fileBytes)
    return { kind: 'truncated', message: `the L1 table ends at byte ${l1End}, but the file at ${fileBytes}` }
  if (refcountTable.offset >= fileBytes)
    return {
      kind: 'truncated',
      message: `the refcount table is at byte ${refcountTable.offset}, but the file ends at ${fileBytes}`,
    }
  return undefined
}

async function withTables(file: OpenFile, { header, found }: Looked): Promise<FoundImage> {
  if (header === undefined || found.problem !== undefined || header.externalDataFile !== undefined) return found
  const source = {
    async read(offset: number, lengthBytes: number, into?: Uint8Array) {
      const bytes = into?.subarray(0, lengthBytes) ?? Buffer.allocUnsafe(lengthBytes)
      return bytes.subarray(0, await file.fillAsync(bytes, offset))
    },
  }
  try {
    const tables = await checkTables(source, header, file.fileBytes)
    const isBlank = tables.isBlank === true && { isBlank: true as const }
    return tables.verdict === 'sound' ? { ...found, ...isBlank } : { ...found, tables, ...isBlank }
  } catch (error) {
    return { ...found, problem: { kind: 'unreadable', message: messageOf(error) } }
  }
}
