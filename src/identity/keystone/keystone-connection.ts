import { setTimeout as delay } from 'node:timers/promises'
import { Agent, type Dispatcher, request } from 'undici'
import { readNamedBytes } from '../../localhost/named-file.ts'
import { authRequest } from './auth-request.ts'
import { type CloudProfile, loginName, secretsOf } from './cloud-profile.ts'
import { type Exchange, notJson, refusedBy, unanswered } from './keystone-error.ts'

export interface ConnectionOptions {
  /** An answer that pauses for this long is given up. A whole answer may take ten times as long. */
  readonly answerWithinMs?: number
  /** A longer answer is refused. */
  readonly maxAnswerBytes?: number
  /** Pauses before a request is repeated. */
  readonly retryAfterMs?: readonly number[]
}

/** An answer with its headers. */
interface KeystoneAnswer {
  readonly body: unknown
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

type Query = Readonly<Record<string, string | undefined>>

const usual = { answerWithinMs: 30_000, maxAnswerBytes: 128 * 2 ** 20, retryAfterMs: [500, 2000] }
const whole = 10

/** Requests to the Keystone of one cloud, with a token of its own. */
export class KeystoneConnection implements AsyncDisposable {
  readonly profile: CloudProfile
  readonly #options: Required<ConnectionOptions>
  readonly #agent: Agent
  #token: Promise<string> | undefined
  #tokenFacts: unknown

  /** @throws InputError for a file of certificates that cannot be read */
  constructor(profile: CloudProfile, options: ConnectionOptions = {}) {
    this.profile = profile
    this.#options = { ...usual, ...options }
    const { answerWithinMs, maxAnswerBytes } = this.#options
    const { caFile, clientCertificate, isVerified } = profile
    this.#agent = new Agent({
      connections: 4,
      headersTimeout: answerWithinMs,
      bodyTimeout: answerWithinMs,
      maxResponseSize: maxAnswerBytes,
      connect: {
        timeout: answerWithinMs,
        rejectUnauthorized: isVerified,
        ...(caFile !== undefined && { ca: certificateIn(caFile, 'cacert') }),
        ...(clientCertificate && {
          cert: certificateIn(clientCertificate.certFile, 'cert'),
          key: certificateIn(clientCertificate.keyFile, 'key'),
        }),
      },
    })
  }

  /** The token's own user, project and roles, as Keystone describes them. */
  async tokenFacts(signal?: AbortSignal): Promise<unknown> {
    await this.#authenticated(signal)
    return this.#tokenFacts
  }

  /** Requests a list or one thing. @throws MachineError; the signal's reason */
  async get(path: string, query: Query = {}, signal?: AbortSignal): Promise<unknown> {
    return (await this.#withToken({ method: 'GET', path, query, isRepeatable: true }, signal)).body
  }

  /** Creates something. It is not repeated, because an answer that was lost may have created it. */
  async post(path: string, body: object, signal?: AbortSignal): Promise<unknown> {
    return (await this.#withToken({ method: 'POST', path, body, isRepeatable: false }, signal)).body
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent.destroy()
  }

  async #withToken(asked: Asked, signal: AbortSignal | undefined): Promise<KeystoneAnswer> {
    const token = await this.#authenticated(signal)
    try {
      return await this.#exchange({ ...asked, token }, signal)
    } catch (error) {
      // The token has expired meanwhile, or was revoked.
      if ((error as { status?: unknown }).status !== 401) throw error
      this.#token = undefined
      return await this.#exchange({ ...asked, token: await this.#authenticated(signal) }, signal)
    }
  }

  #authenticated(signal: AbortSignal | undefined): Promise<string> {
    this.#token ??= this.#authenticate(signal).catch((error: unknown) => {
      this.#token = undefined
      throw error
    })
    return this.#token
  }

  async #authenticate(signal: AbortSignal | undefined): Promise<string> {
    const asked = { method: 'POST', path: '/auth/tokens', body: authRequest(this.profile), isRepeatable: true } as const
    const { headers, body } = await this.#exchange(asked, signal)
    const token = headers['x-subject-token']
    if (typeof token !== 'string' || token === '') throw notJson(this.#describe(asked), 'answered without a token')
    this.#tokenFacts = body
    return token
  }

  async #exchange(asked: Asked, signal: AbortSignal | undefined): Promise<KeystoneAnswer> {
    const exchange = this.#describe(asked)
    for (const [nth, pauseMs] of [...this.#options.retryAfterMs, undefined].entries()) {
      const isLast = pauseMs === undefined || !asked.isRepeatable
      signal?.throwIfAborted()
      try {
        return await this.#once(asked, { ...exchange, tries: nth + 1 }, signal)
      } catch (error) {
        signal?.throwIfAborted()
        if (isLast || (error as { isTransient?: unknown }).isTransient !== true) throw error
      }
      await delay(pauseMs, undefined, { signal }).catch(() => signal?.throwIfAborted())
    }
    throw new RangeError('a request is made at least once')
  }

  async #once(asked: Asked, exchange: Exchange, signal?: AbortSignal): Promise<KeystoneAnswer> {
    const { answerWithinMs } = this.#options
    const deadline = AbortSignal.timeout(answerWithinMs * whole)
    let response: Dispatcher.ResponseData
    let text: string
    try {
      response = await request(exchange.url, {
        method: asked.method,
        dispatcher: this.#agent,
        signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
        headers: {
          accept: 'application/json',
          ...(asked.token !== undefined && { 'x-auth-token': asked.token }),
          ...(asked.body && { 'content-type': 'application/json' }),
        },
        ...(asked.body && { body: JSON.stringify(asked.body) }),
      })
      text = await response.body.text()
    } catch (error) {
      throw unanswered(exchange, error, { pauseMs: answerWithinMs, wholeMs: answerWithinMs * whole })
    }
    const { statusCode: status, headers } = response
    const body = parsed(text)
    if (status < 200 || status > 299) throw refusedBy(exchange, status, { body, text, headers })
    if (body === undefined) throw notJson(exchange, describeText(text, headers['content-type']))
    return { body, headers }
  }

  #describe({ method, path, query = {} }: Asked): Exchange {
    const url = new URL(`${this.profile.authUrl}${path}`)
    for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value ?? '')
    const { name, from, caFile } = this.profile
    return {
      cloud: name,
      from,
      login: loginName(this.profile),
      method,
      url: url.href,
      what: path,
      caFile,
      tries: 1,
      secrets: secretsOf(this.profile),
    }
  }
}

interface Asked {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly query?: Query
  readonly body?: object
  readonly isRepeatable: boolean
  readonly token?: string
}

function certificateIn(path: string, key: string): Buffer {
  return readNamedBytes({ what: key, path })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

function describeText(text: string, type: string | string[] | undefined): string {
  const start = text.trimStart().slice(0, 60).replaceAll(/\s+/g, ' ')
  return `answered with ${String(type ?? 'text').split(';')[0]}, not JSON: ${JSON.stringify(start)}`
}
