import { lstat } from 'node:fs/promises'
import type { ContentLink, LinkFile } from '../assess/judge/content-port.ts'
import { type ByteSource, openSource } from '../image/byte-source.ts'
import { HeaderError, type ImageHeader, readHeader } from '../image/header.ts'
import { checkTables } from '../image/tables.ts'
import { LinkError } from './link-error.ts'

/** A link with a checked header and checked tables, which can be given to QEMU. */
export interface CheckedLink extends ContentLink {
  readonly header: ImageHeader
  /** The identity of the file when it was checked. */
  readonly identity: string
  /** Why its content may differ from what was written. Undefined if nothing is in doubt. */
  readonly doubt?: string
}

/**
 * Checks one link before QEMU opens it: QEMU follows the name of an external data file, and reads zeroes beyond the end
 * of a file. A link whose tables prove that data is missing is refused. A file that ends within its last cluster proves
 * nothing: the missing part may be zeroes that a copy left out. It stays in doubt, which only a recorded digest can
 * settle.
 * @param onProgress called whenever something was read
 * @throws LinkError; what the file system throws
 */
export async function checkLink(link: ContentLink, onProgress: () => void): Promise<CheckedLink> {
  const { path } = link
  await using file = await openSource(path)
  const identity = await fileIdentity(path)
  if (link.file !== undefined && (await hasChanged(path, link.file)))
    throw new LinkError('unknown', `${path} changed after it was found`)
  const source: ByteSource = {
    async read(offset, lengthBytes) {
      const bytes = await file.read(offset, lengthBytes)
      onProgress()
      return bytes
    },
  }
  try {
    const header = await readHeader(source)
    if (header.externalDataFile !== undefined)
      throw new LinkError('unknown', `the data of ${path} is in an external file, which is not opened`)
    const { verdict, what, offset, why } = await checkTables(source, header, file.fileBytes)
    const where = `${what}${offset === undefined ? '' : ` at ${offset}`}`
    if (verdict === 'truncated') throw new LinkError('broken', `${path} is truncated: ${where} lies beyond its end`)
    if (verdict === 'damaged') throw new LinkError('broken', `${path} is damaged: ${why ?? where}`)
    const doubt =
      verdict === 'suspect'
        ? `the tables of ${path} contradict each other: ${why ?? where}`
        : `${path} ends within ${where}, and the missing part reads as zeroes`
    return { ...link, header, identity, ...((verdict === 'unknown' || verdict === 'suspect') && { doubt }) }
  } catch (error) {
    if (!(error instanceof HeaderError)) throw error
    const { problem, message: cause } = error
    const message = `the header of ${path} cannot be read: ${cause}`
    throw new LinkError(problem === 'unsupported' ? 'unknown' : 'broken', message, {
      ...(problem === 'not qcow2' && { reason: problem }),
    })
  }
}

async function hasChanged(path: string, { inode, fileBytes, writtenMs, changedMs }: LinkFile): Promise<boolean> {
  const { ino, size, mtimeMs, ctimeMs } = await lstat(path)
  return ino !== inode || size !== fileBytes || mtimeMs !== writtenMs || ctimeMs !== changedMs
}

/** Changes when the file does, or when another file takes its place. */
export async function fileIdentity(path: string): Promise<string> {
  const { dev, ino, size, mtimeNs, ctimeNs } = await lstat(path, { bigint: true })
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ')
}
