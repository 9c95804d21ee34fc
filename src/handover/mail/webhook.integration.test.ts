import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { testCa, testCertificate, testKey } from './certificate.fixture.ts'
import { WebhookCarrier } from './webhook-carrier.ts'

interface Request {
  readonly headers: IncomingHttpHeaders
  readonly body: unknown
}

/** A receiver that answers with one status after another; 0 cuts the connection. */
async function receiver(statuses: readonly number[], isTls = false) {
  const requests: Request[] = []
  const server = isTls ? createTlsServer({ cert: testCertificate, key: testKey }) : createServer()
  server.on('request', (request, response) => {
    void text(request).then((body) => {
      requests.push({ headers: request.headers, body: JSON.parse(body) })
      const status = statuses[requests.length - 1] ?? 200
      if (status === 0) request.socket.destroy()
      else response.writeHead(status, { location: '/elsewhere' }).end('x'.repeat(100_000))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    requests,
    url: new URL(`${isTls ? 'https' : 'http'}://localhost:${port}/hook`),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const message = { key: 'k1', to: 'alice@example.org', mail: Buffer.from(''), body: { subject: 'x' } }
const { signal } = new AbortController()
const carrier = (url: URL, more = {}) => new WebhookCarrier({ url, ...more }, 2000, [1, 1])

describe('a webhook', () => {
  it('gets the notice with its key and a token, over TLS', async () => {
    await using there = await receiver([], true)
    const outcome = await carrier(there.url, { token: 't0ken', ca: testCa }).send(message, signal)
    assert.deepEqual(outcome, { kind: 'sent', answer: 'HTTP 200' })
    const [{ headers, body } = { headers: {}, body: undefined }] = there.requests
    assert.deepEqual(body, message.body)
    assert.deepEqual([headers['idempotency-key'], headers.authorization], ['k1', 'Bearer t0ken'])
  })

  it('gets the same key again after an error, up to three times', async () => {
    await using there = await receiver([503, 0, 200])
    assert.equal((await carrier(there.url).send(message, signal)).kind, 'sent')
    assert.deepEqual(
      there.requests.map(({ headers }) => headers['idempotency-key']),
      ['k1', 'k1', 'k1'],
    )
    await using failing = await receiver([503, 503, 503, 200])
    assert.deepEqual(await carrier(failing.url).send(message, signal), {
      kind: 'may have been sent',
      why: 'the receiver answered HTTP 503',
    })
    assert.equal(failing.requests.length, 3)
  })

  it('is not asked again after a refusal, and no redirection is followed', async () => {
    for (const status of [400, 302]) {
      await using there = await receiver([status])
      assert.equal((await carrier(there.url).send(message, signal)).kind, 'refused')
      assert.equal(there.requests.length, 1)
    }
  })

  it('that is dead is tried for the first message only', async () => {
    const gone = await receiver([])
    await gone[Symbol.asyncDispose]()
    const dead = carrier(gone.url)
    const [first, second] = [await dead.send(message, signal), await dead.send(message, signal)]
    assert.equal(first.kind, 'not sent')
    assert.deepEqual(second, first)
  })

  it('without a trusted certificate gets nothing', async () => {
    await using there = await receiver([], true)
    assert.equal((await carrier(there.url, { token: 't' }).send(message, signal)).kind, 'not sent')
    assert.deepEqual(there.requests, [])
  })

  it('gets no message of more than 1 MiB', async () => {
    await using there = await receiver([])
    const large = { ...message, body: { text: 'x'.repeat(1024 ** 2) } }
    assert.equal((await carrier(there.url).send(large, signal)).kind, 'refused')
    assert.deepEqual(there.requests, [])
  })

  it('that does not answer in time is reported', async () => {
    const server = createServer(() => {}).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    const outcome = await new WebhookCarrier({ url }, 100, []).send(message, signal)
    server.closeAllConnections()
    server.close()
    assert.equal(outcome.kind, 'may have been sent')
  })
})
