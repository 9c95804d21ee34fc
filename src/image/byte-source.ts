import { constants } from 'node:fs'
import { open } from 'node:fs/promises'

/** Bytes that can be read anywhere: a file, or what stands for one. */
export interface ByteSource {
  /** Fewer than asked for only at the end; none beyond it. */
  read(offset: number, lengthBytes: number): Promise<Uint8Array>
}

/** What of a `FileHandle` is needed to read. */
export interface Readable {
  read(
    buffer: Uint8Array,
    offset: number,
    lengthBytes: number,
    position: number,
  ): Promise<{ readonly bytesRead: number }>
}

/** A file that somebody else opens and closes. */
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

/** A regular file, read-only: a symbolic link is refused, and a FIFO or device does not hang and is refused as well. */
export async function openSource(path: string): Promise<ByteSource & AsyncDisposable & { readonly fileBytes: number }> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  const stats = await handle.stat()
  if (!stats.isFile()) {
    await handle.close()
    throw new TypeError(`not a regular file: ${path}`)
  }
  return { ...fileSource(handle), fileBytes: stats.size, [Symbol.asyncDispose]: () => handle.close() }
}
