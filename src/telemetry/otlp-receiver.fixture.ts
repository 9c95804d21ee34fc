import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'

/** What a receiver got. */
export interface ReceivedRequest {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: Readonly<Record<string, unknown>>
}

/** How a receiver answers one request. `hang`: not at all. */
export type ReceiverAnswer =
  | 'hang'
  | { readonly status: number; readonly text?: string; readonly headers?: Readonly<Record<string, string>> }

/** A receiver of OTLP over HTTP, as JSON, on this machine. */
export class OtlpReceiver implements AsyncDisposable {
  readonly requests: ReceivedRequest[] = []
  readonly #server: Server

  private constructor(server: Server) {
    this.#server = server
  }

  /** @param answer to each request, by its number from 0. Default: 200 to all */
  static async start(answer: (nth: number) => ReceiverAnswer = () => ({ status: 200 })): Promise<OtlpReceiver> {
    const server = createServer(async (request, response) => {
      const bytes = Buffer.concat(await Array.fromAsync<Buffer>(request))
      const json = request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes
      const { url: path = '', headers } = request
      const answered = answer(receiver.requests.length)
      receiver.requests.push({ path, headers, body: JSON.parse(json.toString()) as Record<string, unknown> })
      if (answered === 'hang') return
      const { status, text = '{}', headers: own = {} } = answered
      response.writeHead(status, { 'content-type': 'application/json', ...own }).end(text)
    })
    const receiver = new OtlpReceiver(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return receiver
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
