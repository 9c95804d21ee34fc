import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { setTimeout as delay } from 'node:timers/promises'
import type { Carrier, CarrierOutcome, OutgoingMessage } from './carrier.ts'
import type { Webhook } from './webhook.ts'

const maxBodyBytes = 1024 ** 2
const maxAnswerBytes = 64 * 1024
/** Attempts for one message, and the pause before each further one. */
const pausesMs = [1000, 4000]

interface Answer {
  readonly status: number
}

/** Posts notices as JSON. All attempts for one message have the same `Idempotency-Key`, so the receiver knows it again. */
export class WebhookCarrier implements Carrier {
  readonly isIdempotent = true
  readonly #webhook: Webhook
  readonly #answerWithinMs: number
  readonly #pausesMs: readonly number[]
  #unreachable: string | undefined

  constructor(webhook: Webhook, answerWithinMs: number, pauses: readonly number[] = pausesMs) {
    this.#webhook = webhook
    this.#answerWithinMs = answerWithinMs
    this.#pausesMs = pauses
  }

  get where(): string {
    return `webhook ${this.#webhook.url.origin}${this.#webhook.url.pathname}`
  }

  async send({ key, body }: OutgoingMessage, signal: AbortSignal): Promise<CarrierOutcome> {
    if (this.#unreachable !== undefined) return { kind: 'not sent', why: this.#unreachable }
    const content = Buffer.from(JSON.stringify(body))
    if (content.length > maxBodyBytes) return { kind: 'refused', why: `it has more than ${maxBodyBytes} bytes` }
    let outcome = await this.#try(key, content, signal)
    for (const pauseMs of this.#pausesMs) {
      if (outcome.kind === 'sent' || outcome.kind === 'refused' || signal.aborted) break
      await delay(pauseMs, undefined, { signal }).catch(() => {})
      if (signal.aborted) break
      const before = outcome
      outcome = await this.#try(key, content, signal)
      // The receiver may have an earlier attempt, although it cannot have this one.
      if (outcome.kind === 'not sent' && before.kind === 'may have been sent')
        outcome = { ...outcome, kind: before.kind }
    }
    if (outcome.kind === 'not sent' && !signal.aborted) this.#unreachable = outcome.why
    return outcome
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  async #try(key: string, content: Buffer, signal: AbortSignal): Promise<CarrierOutcome> {
    let isConnected = false
    try {
      const { status } = await this.#post(key, content, signal, () => {
        isConnected = true
      })
      if (status >= 200 && status < 300) return { kind: 'sent', answer: `HTTP ${status}` }
      const why = `the receiver answered HTTP ${status}`
      // A redirection is not followed: the message would be sent to another receiver.
      const isTemporary = status === 408 || status === 425 || status === 429 || status >= 500
      return { kind: isTemporary ? 'may have been sent' : 'refused', why }
    } catch (error) {
      const why = signal.aborted ? 'interrupted' : (error as Error).message
      return { kind: isConnected ? 'may have been sent' : 'not sent', why }
    }
  }

  #post(key: string, content: Buffer, signal: AbortSignal, onConnected: () => void): Promise<Answer> {
    const { url, token, ca } = this.#webhook
    const isTls = url.protocol === 'https:'
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    const request = (isTls ? requestHttps : requestHttp)(url, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        'Content-Length': content.length,
        'Idempotency-Key': key,
        ...(token !== undefined && { Authorization: `Bearer ${token}` }),
      },
      agent: false,
      signal: AbortSignal.any([signal, AbortSignal.timeout(this.#answerWithinMs)]),
      ...(isTls && { minVersion: 'TLSv1.2' as const }),
      ...(ca !== undefined && { ca }),
    })
    request.on('socket', (socket) => socket.once(isTls ? 'secureConnect' : 'connect', onConnected))
    request.on('response', (response) => {
      let bytes = 0
      // The answer is its status. The rest is read so that the receiver is not cut off, up to a limit.
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        if (bytes > maxAnswerBytes) response.destroy()
      })
      response.on('close', () => resolve({ status: response.statusCode ?? 0 }))
      response.on('error', () => {})
    })
    request.on('error', reject)
    request.end(content)
    return promise
  }
}
