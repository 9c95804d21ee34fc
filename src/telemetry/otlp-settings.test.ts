import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { InputError } from '../errors.ts'
import { type OtlpVariables, otlpSettings } from './otlp-settings.ts'

const endpoint = 'http://collector.example:4318'
const settings = (env: OtlpVariables) => otlpSettings(env, '1.2.3')
const urls = (env: OtlpVariables) => {
  const { metrics, traces } = settings(env) ?? {}
  return [metrics?.url.href, traces?.url.href]
}

describe('the variables of OpenTelemetry', () => {
  it('push nothing unless they name a receiver', () => {
    assert.equal(settings({}), undefined)
    assert.equal(settings({ OTEL_EXPORTER_OTLP_ENDPOINT: ' ', OTEL_SERVICE_NAME: 'x' }), undefined)
    assert.equal(settings({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SDK_DISABLED: 'TRUE' }), undefined)
    const none = { OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'prometheus' }
    assert.equal(settings({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, ...none }), undefined)
  })

  it('add the path of a signal to the address of all, and use that of a signal as it is', () => {
    const both = [`${endpoint}/v1/metrics`, `${endpoint}/v1/traces`]
    assert.deepEqual(urls({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }), both)
    assert.deepEqual(urls({ OTEL_EXPORTER_OTLP_ENDPOINT: `${endpoint}/` }), both)
    assert.deepEqual(urls({ OTEL_EXPORTER_OTLP_ENDPOINT: `${endpoint}/base` })[0], `${endpoint}/base/v1/metrics`)
    assert.deepEqual(urls({ OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${endpoint}/m` }), [`${endpoint}/m`, undefined])
    const own = { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://t/x?a=b' }
    assert.deepEqual(urls(own), [both[0], 'https://t/x?a=b'])
  })

  it('set headers, timeout, compression and the names of what sends', () => {
    const found = settings({
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20abc, x-scope = a%2Cb,',
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-key=t',
      OTEL_EXPORTER_OTLP_TIMEOUT: '1500',
      OTEL_EXPORTER_OTLP_METRICS_TIMEOUT: '20',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_RESOURCE_ATTRIBUTES: 'service.name=other,deployment.environment.name=lab%207',
      OTEL_SERVICE_NAME: 'nightly',
    })
    assert.deepEqual(found?.metrics?.headers, { authorization: 'Bearer abc', 'x-scope': 'a,b' })
    assert.deepEqual(found?.traces?.headers, { 'x-key': 't' })
    assert.deepEqual([found?.metrics?.timeoutMs, found?.traces?.timeoutMs], [20, 1500])
    assert.deepEqual([found?.metrics?.isCompressed, found?.traces?.isCompressed], [true, true])
    assert.deepEqual(found?.source.resource, [
      { key: 'service.name', value: { stringValue: 'nightly' } },
      { key: 'service.version', value: { stringValue: '1.2.3' } },
      { key: 'deployment.environment.name', value: { stringValue: 'lab 7' } },
    ])
    const plain = settings({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint })
    assert.deepEqual(
      [plain?.metrics?.timeoutMs, plain?.metrics?.isCompressed, plain?.metrics?.headers],
      [10_000, false, {}],
    )
    assert.deepEqual(plain?.source.resource[0], { key: 'service.name', value: { stringValue: 'dr-drill' } })
  })

  const refused: readonly (readonly [string, string, RegExp])[] = [
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc', /OTEL_EXPORTER_OTLP_PROTOCOL is "grpc": dr-drill pushes http\/json only/],
    ['OTEL_EXPORTER_OTLP_METRICS_PROTOCOL', 'http/protobuf', /METRICS_PROTOCOL is "http\/protobuf"/],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318', /must be a URL with http or https/],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'http://u:planted@c', /must not hold a user or a password/],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'a=b,planted', /HEADERS: part 2 must be key=value/],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'a=planted%', /HEADERS: part 1 must be key=value/],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'a=planted%0Ab', /a header that HTTP does not allow/],
    ['OTEL_EXPORTER_OTLP_TIMEOUT', '10s', /TIMEOUT must be a number of milliseconds/],
    ['OTEL_EXPORTER_OTLP_TIMEOUT', '0', /TIMEOUT must be a number of milliseconds/],
    ['OTEL_EXPORTER_OTLP_COMPRESSION', 'zstd', /COMPRESSION must be gzip or none/],
    ['OTEL_RESOURCE_ATTRIBUTES', 'x', /RESOURCE_ATTRIBUTES: part 1/],
  ]
  for (const [name, value, message] of refused)
    it(`refuse ${name}=${value}, without showing a secret`, () => {
      assert.throws(
        () => settings({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, [name]: value }),
        (error: InputError) =>
          error instanceof InputError &&
          message.test(error.message) &&
          !`${error.stack}${error.cause}`.includes('planted'),
      )
    })
})
