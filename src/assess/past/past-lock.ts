import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { InputError } from '../../errors.ts'

/**
 * Keeps other assessments on this host away from a record until it is disposed of. It is a name in the kernel and no file, so
 * that it ends with the process however that ends.
 * @param path without symbolic links
 * @throws InputError if another assessment has it
 */
export async function lockRecord(path: string): Promise<AsyncDisposable> {
  const name = createHash('sha256').update(path).digest('hex').slice(0, 40)
  const server = createServer((socket) => socket.destroy())
  server.listen(`\0dr-drill-record-${name}`)
  try {
    await once(server, 'listening')
  } catch (cause) {
    throw new InputError(`--record: another assessment is using ${path}`, {
      remedy: 'Wait until it ends, or pass another file.',
      cause,
    })
  }
  server.unref()
  return {
    async [Symbol.asyncDispose]() {
      server.close()
      await once(server, 'close')
    },
  }
}
