import { once } from 'node:events'
import { get } from 'node:http'
import { createConnection, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'

/** How an engine answers: at once, 50 ms late, with an error to every request, or never. */
const manners = ['well', 'slowly', 'with errors', 'not at all'] as const
export type Manner = (typeof manners)[number]

/** What an engine reports about its machine, under its own names. */
export interface Claims {
  readonly MemTotal?: number
  readonly DockerRootDir?: string
}

/** A proxy for the engine of this machine, which can answer badly or claim a smaller machine. */
export class EngineProxy implements Disposable {
  readonly address: string
  /** Can be changed at any time. */
  manner: Manner = 'well'
  /** Reported instead of the real values. */
  claims: Claims = {}
  readonly #server = createServer((socket) => this.#connect(socket))
  readonly #sockets = new Set<Socket>()

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

  [Symbol.dispose](): void {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
  }

  #connect(client: Socket): void {
    const engine = createConnection(engineSocket)
    this.#pass(client, engine, (chunk) => this.#isRefused(chunk, client) || this.#isClaimed(chunk, client))
    this.#pass(engine, client, () => false)
  }

  #pass(from: Socket, to: Socket, isTaken: (chunk: Uint8Array) => boolean): void {
    // Keeps the order of messages, however long one takes.
    let turn = Promise.resolve()
    const inTurn = (act: () => unknown): void => {
      turn = turn.then(async () => {
        if (this.manner === 'slowly') await delay(50)
        act()
      })
    }
    this.#sockets.add(from)
    from.on('data', (chunk) => {
      if (this.manner !== 'not at all' && !isTaken(chunk)) inTurn(() => to.write(chunk))
    })
    from.on('end', () => inTurn(() => to.end()))
    from.on('error', () => to.destroy())
    from.on('close', () => {
      this.#sockets.delete(from)
      inTurn(() => to.destroy())
    })
  }

  /** Refuses requests only: attached containers stay attached. */
  #isRefused(chunk: Uint8Array, client: Socket): boolean {
    const isRequest = /^(GET|HEAD|POST|PUT|DELETE) /.test(Buffer.from(chunk.subarray(0, 8)).toString())
    if (this.manner !== 'with errors' || !isRequest) return false
    answer(client, '500 Internal Server Error', { message: 'out of order' })
    return true
  }

  #isClaimed(chunk: Uint8Array, client: Socket): boolean {
    const isAsked = /^GET \S*\/info /.test(Buffer.from(chunk.subarray(0, 100)).toString())
    if (!isAsked || Object.keys(this.claims).length === 0) return false
    get({ socketPath: engineSocket, path: '/info' }, async (response) => {
      const info = JSON.parse(await text(response)) as object
      answer(client, '200 OK', { ...info, ...this.claims })
    }).on('error', () => client.destroy())
    return true
  }
}

/** The socket of the engine of this machine. */
export const engineSocket = (process.env['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock').slice('unix://'.length)

function answer(client: Socket, status: string, content: object): void {
  const body = Buffer.from(JSON.stringify(content))
  client.write(`HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`)
  client.write(body)
}

/** @throws for an unknown manner */
export function mannerOf(words: string): Manner {
  const manner = manners.find((one) => one === words)
  if (manner === undefined) throw new Error(`unknown manner "${words}". Known: ${manners.join(', ')}.`)
  return manner
}
