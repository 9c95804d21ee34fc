import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { MachineError } from '../errors.ts'
import { pushOtlp } from './otlp-push.ts'
import { OtlpReceiver, type ReceiverAnswer } from './otlp-receiver.fixture.ts'
import type { OtlpTarget } from './otlp-settings.ts'

const request = { resourceMetrics: [] }
const token = 'planted-token'

const targetAt = (url: string, more: Partial<OtlpTarget> = {}): OtlpTarget => ({
  ...{ signal: 'metrics', url: new URL(`${url}/v1/metrics?key=planted-key`), isCompressed: false, timeoutMs: 10_000 },
  headers: { authorization: `Bearer ${token}` },
  ...more,
})

interface Pushed {
  /** Undefined if everything was taken. */
  readonly problem: string | undefined
  readonly count: number
  readonly tookMs: number
}

async function pushTo(answer: (nth: number) => ReceiverAnswer, more: Partial<OtlpTarget> = {}): Promise<Pushed> {
  await using receiver = await OtlpReceiver.start(answer)
  const startedMs = performance.now()
  const problem = await problemOf(targetAt(receiver.url, more))
  return { problem, count: receiver.requests.length, tookMs: performance.now() - startedMs }
}

async function problemOf(target: OtlpTarget): Promise<string | undefined> {
  try {
    await pushOtlp(target, request)
    return undefined
  } catch (error) {
    assert.ok(error instanceof MachineError)
    assert.doesNotMatch(error.message, /planted/)
    return error.message
  }
}

describe('a push', () => {
  it('is one request of JSON with the headers that were set', async () => {
    await using receiver = await OtlpReceiver.start()
    await pushOtlp(targetAt(receiver.url), request)
    await pushOtlp(targetAt(receiver.url, { isCompressed: true }), request)
    for (const { path, headers, body } of receiver.requests) {
      assert.deepEqual([path, body], ['/v1/metrics?key=planted-key', request])
      assert.deepEqual([headers['content-type'], headers.authorization], ['application/json', `Bearer ${token}`])
    }
    assert.deepEqual(
      receiver.requests.map(({ headers }) => headers['content-encoding']),
      [undefined, 'gzip'],
    )
  })

  it('is tried again if the receiver is busy, three times at most', async () => {
    assert.deepEqual((await pushTo((nth) => ({ status: nth < 2 ? 503 : 200 }))).problem, undefined)
    const { problem, count } = await pushTo(() => ({ status: 503, text: 'full' }))
    assert.match(
      problem ?? '',
      /^cannot push metrics to http:\/\/127\.0\.0\.1:\d+\/v1\/metrics: it answered with HTTP 503: full$/,
    )
    assert.equal(count, 4)
  })

  it('waits as long as the receiver asks, but not longer than the timeout', async () => {
    const { problem, count, tookMs } = await pushTo(() => ({ status: 429, headers: { 'retry-after': '30' } }), {
      timeoutMs: 400,
    })
    assert.match(problem ?? '', /HTTP 429/)
    assert.equal(count, 1)
    assert.ok(tookMs < 5000, `${tookMs} ms`)
    const asked = await pushTo((nth) => ({ status: nth === 0 ? 503 : 200, headers: { 'retry-after': '1' } }))
    assert.ok(asked.problem === undefined && asked.tookMs >= 900, `${asked.tookMs} ms`)
  })

  it('ends at its timeout if the receiver does not answer', async () => {
    const { problem, count, tookMs } = await pushTo(() => 'hang', { timeoutMs: 300 })
    assert.match(problem ?? '', /it did not answer within 300 ms/)
    assert.ok(count === 1 && tookMs < 5000, `${tookMs} ms`)
  })

  it('reports a receiver that cannot be reached', async () => {
    const receiver = await OtlpReceiver.start()
    const { url } = receiver
    await receiver[Symbol.asyncDispose]()
    assert.match((await problemOf(targetAt(url))) ?? '', /it gave no answer: connect ECONNREFUSED/)
  })

  it('is not tried again if the receiver refuses it, and shows no header that the receiver repeats', async () => {
    const { problem, count } = await pushTo(() => ({
      status: 400,
      text: `bad token ${token},\nBearer ${token}\u001b[31m`,
    }))
    assert.match(problem ?? '', /it answered with HTTP 400: bad token \[redacted\], \[redacted\]\\u001b/)
    assert.equal(count, 1)
  })

  it('does not follow a redirect, which could lead the headers elsewhere', async () => {
    const headers = { location: 'http://127.0.0.1:1/' }
    assert.match((await pushTo(() => ({ status: 307, headers }))).problem ?? '', /HTTP 307/)
  })

  it('reports what the receiver rejected, and shortens its reason', async () => {
    const part = (rejected: string) =>
      JSON.stringify({ partialSuccess: { rejectedDataPoints: rejected, errorMessage: 'too old' } })
    assert.match(
      (await pushTo(() => ({ status: 200, text: part('3') }))).problem ?? '',
      /it rejected 3 values: too old/,
    )
    assert.equal((await pushTo(() => ({ status: 200, text: part('0') }))).problem, undefined)
    const spans = JSON.stringify({ partialSuccess: { rejectedSpans: 2 } })
    assert.match(
      (await pushTo(() => ({ status: 200, text: spans }), { signal: 'traces' })).problem ?? '',
      /it rejected 2 spans/,
    )
    const { problem = '' } = await pushTo(() => ({ status: 400, text: 'x'.repeat(1_000_000) }))
    assert.ok(problem.length < 400)
    assert.equal((await pushTo(() => ({ status: 200, text: 'taken' }))).problem, undefined)
  })
})
