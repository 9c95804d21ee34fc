import { lstat } from 'node:fs/promises'
import type { ContentLink } from '../assess/judge/content-port.ts'
import { type ByteSource, openSource } from '../image/byte-source.ts'
import { HeaderError, type ImageHeader, readHeader } from '../image/header.ts'
import { checkTables } from '../image/tables.ts'
import { LinkError } from './link-error.ts'

/** A link whose header and tables were looked at, and which can be given to QEMU. */
export interface CheckedLink extends ContentLink {
  readonly header: ImageHeader
  /** What the file was when it was looked at. */
  readonly identity: string
  /** Why what is read of it may not be what was written, though nothing proves so. */
  readonly doubt?: string
}

/**
 * Looks at one link before anything opens it: QEMU follows the name of an external data file, and takes what is beyond
 * the end of a file for zeroes. What the tables prove to be missing is refused here. A file that ends within its last
 * cluster proves nothing by itself, for what is missing may be zeroes that somebody's copy left out: it stays in doubt,
 * and only a recorded digest can settle it.
 * @param onProgress called whenever anything was read
 * @throws LinkError; what the file system throws
 */
export async function checkLink(link: ContentLink, onProgress: () => void): Promise<CheckedLink> {
  const { path } = link
  await using file = await openSource(path)
  const identity = await fileIdentity(path)
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
    const { verdict, what, offset } = await checkTables(source, header, file.fileBytes)
    const where = `${what}${offset === undefined ? '' : ` at ${offset}`}`
    if (verdict === 'truncated') throw new LinkError('broken', `${path} is truncated: ${where} is beyond its end`)
    if (verdict === 'damaged') throw new LinkError('broken', `${path} is damaged: ${where}`)
    const doubt = `${path} ends within ${where}, and what is missing reads as zeroes`
    return { ...link, header, identity, ...(verdict === 'unknown' && { doubt }) }
  } catch (error) {
    if (!(error instanceof HeaderError)) throw error
    const { problem, message: cause } = error
    const message = `the header of ${path} cannot be read: ${cause}`
    throw new LinkError(problem === 'unsupported' ? 'unknown' : 'broken', message, {
      ...(problem === 'not qcow2' && { reason: problem }),
    })
  }
}

/** What changes when the file does, or when another one takes its place. */
export async function fileIdentity(path: string): Promise<string> {
  const { dev, ino, size, mtimeNs, ctimeNs } = await lstat(path, { bigint: true })
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ')
}
