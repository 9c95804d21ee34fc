import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { livePageHtml } from './live-page-html.ts'

const updateMs = 1000
const maxBodyBytes = 8 * 1024

export interface LivePageOptions {
  /** Returns what the page shows, as a value of JSON. */
  readonly state: () => unknown
  /** Obeys a command of the facilitator. Returns a sentence if it cannot. */
  readonly obey: (command: string, argument: string | undefined) => Promise<string | undefined>
}

/**
 * The facilitator's page, on the loopback interface only. Its address has a secret, and other web sites cannot use it: a
 * request must name this host, and a command must be JSON. The page receives changes as server-sent events.
 */
export class LivePage implements Disposable {
  readonly #options: LivePageOptions
  readonly #server: Server
  readonly #secret = randomBytes(18).toString('base64url')
  readonly #readers = new Set<ServerResponse>()
  readonly #updating: NodeJS.Timeout

  private constructor(options: LivePageOptions) {
    this.#options = options
    this.#server = createServer((request, response) => {
      void this.#answer(request, response).catch((error: Error) => end(response, 500, error.message))
    })
    this.#updating = setInterval(() => this.update(), updateMs).unref()
  }

  static async open(options: LivePageOptions): Promise<LivePage> {
    const page = new LivePage(options)
    page.#server.listen(0, '127.0.0.1')
    await once(page.#server, 'listening')
    return page
  }

  get url(): string {
    return `http://${this.#host}/${this.#secret}/`
  }

  /** Sends the state to all open pages. */
  update(): void {
    if (this.#readers.size === 0) return
    const event = `data: ${JSON.stringify(this.#options.state())}\n\n`
    for (const reader of this.#readers) reader.write(event)
  }

  [Symbol.dispose](): void {
    clearInterval(this.#updating)
    this.update()
    for (const reader of this.#readers) reader.end('event: end\ndata: {}\n\n')
    this.#server.close()
    this.#server.closeIdleConnections()
  }

  get #host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // Another name that leads to this address is that of another web site.
    if (request.headers.host !== this.#host) return end(response, 403, 'wrong host')
    switch (`${request.method} ${request.url}`) {
      case `GET /${this.#secret}/`:
        return this.#showPage(response)
      case `GET /${this.#secret}/events`:
        return this.#follow(response)
      case `POST /${this.#secret}/do`:
        return await this.#obey(request, response)
      default:
        return end(response, 404, 'not found')
    }
  }

  #showPage(response: ServerResponse): void {
    const nonce = randomBytes(18).toString('base64')
    response.writeHead(200, {
      'Content-Type': 'text/html; charset=utf-8',
      'Cache-Control': 'no-store',
      'Content-Security-Policy': `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      'Referrer-Policy': 'no-referrer',
      'X-Content-Type-Options': 'nosniff',
    })
    response.end(livePageHtml(nonce))
  }

  #follow(response: ServerResponse): void {
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
    this.#readers.add(response)
    response.on('close', () => this.#readers.delete(response))
    response.on('error', () => {})
    this.update()
  }

  async #obey(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.headers['content-type'] !== 'application/json') return end(response, 415, 'must be JSON')
    let body = ''
    for await (const chunk of request) {
      body += chunk
      if (body.length > maxBodyBytes) return end(response, 413, 'too long')
    }
    const { command, argument } = parsed(body)
    if (typeof command !== 'string') return end(response, 400, 'names no command')
    const problem = await this.#options.obey(command, typeof argument === 'string' ? argument : undefined)
    this.update()
    end(response, problem === undefined ? 200 : 409, problem ?? 'done')
  }
}

function parsed(body: string): { readonly command?: unknown; readonly argument?: unknown } {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}

function end(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', 'X-Content-Type-Options': 'nosniff' })
  response.end(text)
}
