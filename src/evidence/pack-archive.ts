import { createTarDecoder, createTarPacker, type TarHeader } from 'modern-tar'
import { InputError } from '../errors.ts'

/** A file of an evidence pack. Paths are relative, with plain names. */
export interface PackFile {
  readonly path: string
  readonly content: Uint8Array
}

/** Larger packs do not fit into memory twice. */
export const maxPackBytes = 2 ** 30

/**
 * Returns a pack as a tar archive. The same files and time give the same bytes.
 * @param folder the folder in the archive that all files are in
 * @param time of all files. Seconds count
 */
export async function packFiles(folder: string, files: readonly PackFile[], time: Date): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(packStream(folder, files, time)))
}

/** As `packFiles`, piece by piece. The content of files is not copied. */
export function packStream(folder: string, files: readonly PackFile[], time: Date): AsyncIterable<Uint8Array> {
  const mtime = new Date(Math.floor(time.getTime() / 1000) * 1000)
  const { readable, controller } = createTarPacker()
  const write = async (): Promise<void> => {
    for (const { path, content } of files) {
      const writer = controller
        .add({
          ...{ name: `${folder}/${path}`, size: content.length, type: 'file', mode: 0o644, mtime },
          ...{ uid: 0, gid: 0, uname: '', gname: '' },
        })
        .getWriter()
      // The reader gets what is wrong.
      if (content.length > 0) await writer.write(new Uint8Array(content.buffer, content.byteOffset, content.length))
      await writer.close()
    }
    controller.finalize()
  }
  write().catch((error: unknown) => controller.error(error))
  return readable
}

/** The content of an archive. */
export interface UnpackedFiles {
  readonly folder: string
  readonly files: readonly PackFile[]
  /** The time of the first file. */
  readonly time: Date
}

/**
 * Reads an archive in memory: nothing is written to disk, whatever the names in it.
 * @throws InputError if it is not an archive, or holds anything but plain files in one folder
 */
export async function unpackFiles(archive: Uint8Array, source: string): Promise<UnpackedFiles> {
  let entries: readonly UnpackedEntry[]
  try {
    entries = await entriesIn(archive)
  } catch (cause) {
    throw new InputError(`${source} is not a whole tar archive: ${(cause as Error).message}`, { cause })
  }
  const [first] = entries
  const folder = first?.header.name.split('/', 1)[0] ?? ''
  if (first === undefined || folder === '') throw new InputError(`${source} is an empty archive`)
  const seen = new Set<string>()
  const files = entries.map(({ header, content }) => {
    const path = header.name.slice(folder.length + 1)
    const isPlain = header.type === undefined || header.type === 'file'
    if (!isPlain || !header.name.startsWith(`${folder}/`) || !isSafe(path) || seen.has(path))
      throw new InputError(`${source}: ${JSON.stringify(header.name)} does not belong in an evidence pack`)
    seen.add(path)
    return { path, content }
  })
  return { folder, files, time: first.header.mtime ?? new Date(0) }
}

const isSafe = (path: string): boolean =>
  /^[^\0\n\\]+$/.test(path) && path.split('/').every((name) => name !== '' && name !== '.' && name !== '..')

interface UnpackedEntry {
  readonly header: TarHeader
  readonly content: Uint8Array
}

/** Returns the entries of an archive. Their content is a part of the archive, and not a copy. */
async function entriesIn(archive: Uint8Array): Promise<readonly UnpackedEntry[]> {
  const { readable, writable } = createTarDecoder({ strict: true })
  const writer = writable.getWriter()
  // The reader gets what is wrong.
  const writing = writer
    .write(archive)
    .then(() => writer.close())
    .catch(() => {})
  const entries: UnpackedEntry[] = []
  for await (const { header, body } of readable) {
    const [first = new Uint8Array(), ...more] = await Array.fromAsync(body)
    entries.push({ header, content: more.length === 0 ? first : Buffer.concat([first, ...more]) })
  }
  await writing
  return entries
}
