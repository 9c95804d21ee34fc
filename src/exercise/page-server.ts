import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, isIPv6 } from 'node:net'
import { MachineError } from '../errors.ts'

const updateMs = 1000
const maxBodyBytes = 8 * 1024
/** Addresses that mean every address of a machine. The one that a browser names is not known. */
const wildcards: ReadonlySet<string> = new Set(['0.0.0.0', '::'])

/** A page at a secret address. */
export interface ServedPage {
  readonly html: (nonce: string) => string
  /** Returns what the page shows, as a value of JSON. */
  readonly state: () => unknown
  /** Obeys a command. Returns a sentence if it cannot. Undefined for a page that only shows. */
  readonly obey?: (command: string, argument: string | undefined) => Promise<string | undefined>
}

interface OpenPage extends ServedPage {
  readonly readers: Set<ServerResponse>
}

/**
 * Serves pages, each at an address with a secret of its own. Other web sites cannot use them: a request must name this host,
 * and a command must be JSON. A page receives changes as server-sent events.
 */
export class PageServer implements Disposable {
  /** The address of each page, in their order. */
  readonly urls: readonly string[]
  readonly #server: Server
  readonly #host: string | undefined
  readonly #pages: ReadonlyMap<string, OpenPage>
  readonly #updating: NodeJS.Timeout

  private constructor(server: Server, address: string, pages: readonly ServedPage[]) {
    this.#server = server
    const { port } = server.address() as AddressInfo
    const host = `${isIPv6(address) ? `[${address}]` : address}:${port}`
    this.#host = wildcards.has(address) ? undefined : host
    this.#pages = new Map(pages.map((page) => [randomBytes(18).toString('base64url'), { ...page, readers: new Set() }]))
    this.urls = [...this.#pages.keys()].map((secret) => `http://${host}/${secret}/`)
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      void this.#answer(request, response).catch((error: Error) => end(response, 500, error.message))
    })
    this.#updating = setInterval(() => this.update(), updateMs).unref()
  }

  /** @throws MachineError if the address cannot be listened on */
  static async open(pages: readonly ServedPage[], address = '127.0.0.1'): Promise<PageServer> {
    const server = createServer()
    server.listen(0, address)
    try {
      await once(server, 'listening')
    } catch (cause) {
      throw new MachineError('cannot-listen', `cannot listen on ${address}: ${(cause as Error).message}`, { cause })
    }
    return new PageServer(server, address, pages)
  }

  /** Sends the state of each page to those who have it open. */
  update(): void {
    for (const { state, readers } of this.#pages.values()) {
      if (readers.size === 0) continue
      const event = `data: ${JSON.stringify(state())}\n\n`
      for (const reader of readers) reader.write(event)
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#updating)
    this.update()
    for (const { readers } of this.#pages.values()) for (const reader of readers) reader.end('event: end\ndata: {}\n\n')
    this.#server.close()
    this.#server.closeIdleConnections()
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // Another name that leads to this address is that of another web site.
    if (this.#host !== undefined && request.headers.host !== this.#host) return end(response, 403, 'wrong host')
    const [, secret = '', what] = /^\/([\w-]+)\/(|events|do)$/.exec(request.url ?? '') ?? []
    const page = this.#pages.get(secret)
    if (page === undefined) return end(response, 404, 'not found')
    switch (`${request.method} ${what}`) {
      case 'GET ':
        return showPage(page, response)
      case 'GET events':
        return this.#follow(page, response)
      case 'POST do':
        return await this.#obey(page, request, response)
      default:
        return end(response, 404, 'not found')
    }
  }

  #follow({ readers }: OpenPage, response: ServerResponse): void {
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
    readers.add(response)
    response.on('close', () => readers.delete(response))
    response.on('error', () => {})
    this.update()
  }

  async #obey({ obey }: OpenPage, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (obey === undefined) return end(response, 404, 'not found')
    if (request.headers['content-type'] !== 'application/json') return end(response, 415, 'must be JSON')
    let body = ''
    for await (const chunk of request) {
      body += chunk
      if (body.length > maxBodyBytes) return end(response, 413, 'too long')
    }
    const { command, argument } = parsed(body)
    if (typeof command !== 'string') return end(response, 400, 'names no command')
    const problem = await obey(command, typeof argument === 'string' ? argument : undefined)
    this.update()
    end(response, problem === undefined ? 200 : 409, problem ?? 'done')
  }
}

function showPage({ html }: OpenPage, response: ServerResponse): void {
  const nonce = randomBytes(18).toString('base64')
  response.writeHead(200, {
    'Content-Type': 'text/html; charset=utf-8',
    'Cache-Control': 'no-store',
    'Content-Security-Policy': `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
  })
  response.end(html(nonce))
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
