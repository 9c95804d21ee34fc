import { setTimeout } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { MachineError } from '../errors.ts'
import { printable } from '../text/printable.ts'
import type { OtlpTarget } from './otlp-settings.ts'

/** Answers after which the same request may succeed. */
const retried = new Set([429, 502, 503, 504])
/** Waits before the second attempt and each later one. */
const waitsMs = [250, 500, 1000]
const maxAnswerBytes = 64 * 1024
const maxAnswerChars = 200

/**
 * Pushes one request. It is tried again if the receiver does not answer or is busy, at most three times and within the
 * timeout.
 * @param stop ends the push
 * @throws MachineError if the receiver does not take all of it
 */
export async function pushOtlp(target: OtlpTarget, request: object, stop?: AbortSignal): Promise<void> {
  const json = Buffer.from(JSON.stringify(request))
  const body = target.isCompressed ? gzipSync(json) : json
  const timeout = AbortSignal.timeout(target.timeoutMs)
  const signal = stop === undefined ? timeout : AbortSignal.any([timeout, stop])
  for (let attempt = 0; ; attempt++) {
    const answer = await post(target, new Uint8Array(body), signal)
    if (answer.isTaken) return requireAll(target, answer.text)
    const waitMs = answer.waitMs ?? waitsMs[attempt]
    if (!answer.isRetried || attempt >= waitsMs.length || waitMs === undefined || signal.aborted)
      throw failed(target, answer.why)
    try {
      await setTimeout(waitMs, undefined, { signal })
    } catch {
      throw failed(target, answer.why)
    }
  }
}

type Answer =
  | { readonly isTaken: true; readonly text: string }
  | { readonly isTaken: false; readonly why: string; readonly isRetried: boolean; readonly waitMs?: number }

async function post(
  { url, headers, timeoutMs, isCompressed }: OtlpTarget,
  body: Uint8Array<ArrayBuffer>,
  signal: AbortSignal,
): Promise<Answer> {
  const own = { 'content-type': 'application/json', ...(isCompressed && { 'content-encoding': 'gzip' }) }
  try {
    // A redirect could lead the headers elsewhere.
    const init = { method: 'POST', headers: { ...headers, ...own }, body, signal, redirect: 'manual' } as const
    const response = await fetch(url, init)
    const text = await beginning(response)
    if (response.ok) return { isTaken: true, text }
    const afterSeconds = Number(response.headers.get('retry-after') ?? Number.NaN)
    const said = text === '' ? '' : `: ${text}`
    return {
      ...{
        isTaken: false,
        why: `it answered with HTTP ${response.status}${said}`,
        isRetried: retried.has(response.status),
      },
      ...(afterSeconds > 0 && { waitMs: afterSeconds * 1000 }),
    }
  } catch (error) {
    if (signal.aborted) return { isTaken: false, why: endOf(signal, timeoutMs), isRetried: false }
    const { message, cause } = error as Error
    const why = cause instanceof Error && cause.message !== '' ? cause.message : message
    return { isTaken: false, why: `it gave no answer: ${why}`, isRetried: true }
  }
}

function endOf({ reason }: AbortSignal, timeoutMs: number): string {
  const isTimeout = reason instanceof DOMException && reason.name === 'TimeoutError'
  return isTimeout ? `it did not answer within ${timeoutMs} ms` : 'interrupted'
}

/** Reads the beginning of an answer. The rest is not needed. */
async function beginning({ body }: Response): Promise<string> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of body ?? []) {
    parts.push(part)
    size += part.length
    if (size >= maxAnswerBytes) break
  }
  return Buffer.concat(parts).toString('utf8').trim()
}

/** A receiver may take a part of a request only, and says so in its answer. */
function requireAll(target: OtlpTarget, text: string): void {
  const { rejectedDataPoints, rejectedSpans, errorMessage } = partialSuccess(text)
  const rejected = Number(rejectedDataPoints ?? rejectedSpans ?? 0)
  if (rejected === 0) return
  const what = target.signal === 'metrics' ? 'values' : 'spans'
  throw failed(
    target,
    `it rejected ${rejected} ${what}: ${typeof errorMessage === 'string' ? errorMessage : 'no reason'}`,
  )
}

function partialSuccess(text: string): Readonly<Record<string, unknown>> {
  try {
    const { partialSuccess: found } = JSON.parse(text) as { readonly partialSuccess?: unknown }
    return typeof found === 'object' && found !== null ? { ...found } : {}
  } catch {
    // An answer to JSON that is not JSON, or is too long: the status is all that counts.
    return {}
  }
}

/** A receiver may repeat what it was sent: no value of a header is printed. */
function failed({ signal, url, headers }: OtlpTarget, why: string): MachineError {
  let shown = why
  for (const secret of secretsIn(Object.values(headers))) shown = shown.replaceAll(secret, '[redacted]')
  const short = printable(shown.replaceAll('\n', ' '))
  const text = short.length > maxAnswerChars ? `${short.slice(0, maxAnswerChars)}…` : short
  return new MachineError('telemetry-not-pushed', `cannot push ${signal} to ${url.origin}${url.pathname}: ${text}`)
}

const minSecretChars = 4

/** Returns the values, the longest first, and then their words: `Bearer TOKEN` may be repeated as `TOKEN`. */
function secretsIn(values: readonly string[]): readonly string[] {
  const all = values.flatMap((value) => [value, ...value.split(/\s+/)])
  return [...new Set(all)].filter(({ length }) => length >= minSecretChars).sort((a, b) => b.length - a.length)
}
