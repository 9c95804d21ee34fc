import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'

/**
 * Holds a name until it is disposed of, so that no other process on this host holds it. It is a name in the kernel and no
 * file, so it ends with the process however that ends.
 * @param purpose what the names of one kind are for
 * @param path a file, without symbolic links
 * @returns undefined if another process holds it
 */
export async function holdName(purpose: string, path: string): Promise<AsyncDisposable | undefined> {
  const name = createHash('sha256').update(path).digest('hex').slice(0, 40)
  const server = createServer((socket) => socket.destroy())
  server.listen(`\0dr-drill-${purpose}-${name}`)
  try {
    await once(server, 'listening')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return undefined
    throw error
  }
  server.unref()
  return {
    async [Symbol.asyncDispose]() {
      server.close()
      await once(server, 'close')
    },
  }
}
