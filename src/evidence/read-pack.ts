import { closeSync, openSync, read, readFileSync, statSync } from 'node:fs'
import { promisify } from 'node:util'
import { InputError } from '../errors.ts'
import { maxPackBytes } from './pack-archive.ts'

const readPart = promisify(read)

/**
 * Reads a pack in another thread, so that this one can load code in the meantime.
 * @throws InputError if the file cannot be read, or is larger than any pack
 */
export async function readPack(path: string): Promise<Buffer> {
  const status = statSync(path, { throwIfNoEntry: false })
  // Headers and paddings come on top.
  if (status !== undefined && status.size > maxPackBytes * 1.1)
    throw new InputError(`${path} has ${status.size} bytes, which is more than any pack has`)
  try {
    return status?.isFile() === true ? await readBytes(path, status.size) : readFileSync(path)
  } catch (cause) {
    throw new InputError(`cannot read ${path}: ${(cause as Error).message}`, { cause })
  }
}

async function readBytes(path: string, size: number): Promise<Buffer> {
  const file = openSync(path, 'r')
  try {
    const bytes = Buffer.allocUnsafe(size)
    let length = 0
    while (length < size) {
      const { bytesRead } = await readPart(file, bytes, length, size - length, length)
      if (bytesRead === 0) break
      length += bytesRead
    }
    return bytes.subarray(0, length)
  } finally {
    closeSync(file)
  }
}
