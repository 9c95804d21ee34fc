import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** A request that the server got. */
export interface Got {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly token: string | undefined
  readonly body: string
}

export type Answer = (got: Got, response: ServerResponse) => void | Promise<void>

/** A server on loopback that answers as a test wants, over HTTP or HTTPS. */
export class AnsweringServer implements AsyncDisposable {
  readonly url: string
  /** All requests so far. */
  readonly got: Got[]
  readonly #server: Server

  private constructor(server: Server, url: string, got: Got[]) {
    this.#server = server
    this.url = url
    this.got = got
  }

  static async start(answer: Answer, tls?: { readonly key: string; readonly cert: string }): Promise<AnsweringServer> {
    const got: Got[] = []
    const listener = async (request: IncomingMessage, response: ServerResponse) => {
      const token = request.headers['x-auth-token']
      const one = {
        method: request.method ?? '',
        path: request.url ?? '',
        token: typeof token === 'string' ? token : undefined,
        body: await text(request),
      }
      got.push(one)
      await answer(one, response)
    }
    const server = tls ? createTlsServer(tls, listener) : createServer(listener)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    return new AnsweringServer(server, `${tls ? 'https' : 'http'}://127.0.0.1:${port}`, got)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

/** Answers with JSON. */
export function json(
  response: ServerResponse,
  body: unknown,
  status = 200,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify(body))
}

/** An empty cloud. A test gives the answers that differ, by path or by path and query. */
export function cloudAnswer(others: Readonly<Record<string, Answer | object>> = {}): Answer {
  const usual: Readonly<Record<string, Answer | object>> = {
    '/v3/auth/tokens': (_, response) =>
      json(response, { token: { user: { id: 'u' }, roles: [] } }, 201, { 'x-subject-token': 'issued' }),
    '/v3/domains': { domains: [{ id: 'default', name: 'Default', enabled: true }] },
    '/v3/projects': { projects: [] },
    '/v3/users': { users: [] },
    '/v3/roles': { roles: [] },
    '/v3/role_assignments': { role_assignments: [] },
    '/v3/OS-TRUST/trusts': { trusts: [] },
  }
  const answers = { ...usual, ...others }
  return async (got, response) => {
    const [path = ''] = got.path.split('?')
    const answer = answers[got.path] ?? answers[path]
    if (typeof answer === 'function') await (answer as Answer)(got, response)
    else json(response, answer ?? { error: { message: 'not found' } }, answer === undefined ? 404 : 200)
  }
}

/** Answers with an error as Keystone does. */
export const refuse =
  (code: number, message: string): Answer =>
  (_, response) =>
    json(response, { error: { code, message } }, code)
