import { constants } from 'node:fs'
import { open } from 'node:fs/promises'

/** Bytes that can be read at any offset: a file, or a substitute. */
export interface ByteSource {
  /**
   * Returns fewer bytes only at the end, and none beyond it.
   * @param into may be used for the bytes, and be overwritten until they are returned
   */
  read(offset: number, lengthBytes: number, into?: Uint8Array): Promise<Uint8Array>
}

/** The part of a `FileHandle` that reading needs. */
export interface Readable {
  read(
    buffer: Uint8Array,
    offset: number,
    lengthBytes: number,
    position: number,
  ): Promise<{ readonly bytesRead: number }>
}

/** A file that the caller opens and closes. */
export function fileSource(handle: Readable): ByteSource {
  return {
    async read(offset, lengthBytes) {
      const buffer = new Uint8Array(lengthBytes)
      let got = 0
      while (got < lengthBytes) {
        const { bytesRead } = await handle.read(buffer, got, lengthBytes - got, offset + got)
        if (bytesRead === 0) break
        got += bytesRead
      }
      return buffer.subarray(0, got)
    },
  }
}

/** Opens a regular file read-only. Symbolic links, FIFOs and devices are refused without blocking. */
export async function openSource(path: string): Promise<ByteSource & AsyncDisposable & { readonly fileBytes: number }> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  const stats = await handle.stat()
  if (!stats.isFile()) {
    await handle.close()
    throw new TypeError(`not a regular file: ${path}`)
  }
  return { ...fileSource(handle), fileBytes: stats.size, [Symbol.asyncDispose]: () => handle.close() }
}
