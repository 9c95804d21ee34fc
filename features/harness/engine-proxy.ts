import { once } from 'node:events'
import { createConnection, createServer, type Socket } from 'node:net'
import { join } from 'node:path'

/** The engine of this machine behind a socket of our own, on which it can be made to fall silent. */
export class EngineProxy implements Disposable {
  readonly address: string
  readonly #server = createServer((socket) => this.#connect(socket))
  readonly #sockets = new Set<Socket>()
  #isSilent = false

  private constructor(path: string) {
    this.address = `unix://${path}`
  }

  static async start(folder: string): Promise<EngineProxy> {
    const path = join(folder, 'engine.sock')
    const proxy = new EngineProxy(path)
    proxy.#server.listen(path)
    await once(proxy.#server, 'listening')
    return proxy
  }

  /** From now on requests are taken, and nothing is answered. */
  fallSilent(): void {
    this.#isSilent = true
  }

  [Symbol.dispose](): void {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
  }

  #connect(client: Socket): void {
    const engine = createConnection(
      (process.env['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock').slice('unix://'.length),
    )
    for (const [from, to] of [
      [client, engine],
      [engine, client],
    ] as const) {
      this.#sockets.add(from)
      from.on('data', (chunk) => {
        if (!this.#isSilent) to.write(chunk)
      })
      from.on('end', () => to.end())
      from.on('error', () => to.destroy())
      from.on('close', () => {
        this.#sockets.delete(from)
        to.destroy()
      })
    }
  }
}
