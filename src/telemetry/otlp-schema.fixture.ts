import assert from 'node:assert/strict'
import { join } from 'node:path'
import protobuf, { type Type } from 'protobufjs'

const folder = join(import.meta.dirname, '../../fixtures/schemas')
const root = new protobuf.Root()
root.resolvePath = (_origin, target) => join(folder, target)
root.loadSync([
  'opentelemetry/proto/collector/metrics/v1/metrics_service.proto',
  'opentelemetry/proto/collector/trace/v1/trace_service.proto',
])
const services = 'opentelemetry.proto.collector'
const types: Readonly<Record<'metrics' | 'traces', Type>> = {
  metrics: root.lookupType(`${services}.metrics.v1.ExportMetricsServiceRequest`),
  traces: root.lookupType(`${services}.trace.v1.ExportTraceServiceRequest`),
}

/** The fields of OTLP that are in hexadecimal digits: the mapping of protobuf has Base64. */
const ids: Readonly<Record<string, number>> = { traceId: 32, spanId: 16, parentSpanId: 16 }

/**
 * Holds a request against the published definitions of OTLP, version 1.9.0: no field is unknown, no value is of another
 * type, and nothing is lost when it is encoded as protobuf and decoded again.
 * @throws AssertionError if it is not valid
 */
export function assertOtlp(signal: 'metrics' | 'traces', request: unknown): void {
  const json: unknown = JSON.parse(JSON.stringify(request), (key, value: unknown) => {
    const digits = ids[key]
    if (digits === undefined) return value
    assert.match(String(value), new RegExp(`^[0-9a-f]{${digits}}$`), key)
    assert.doesNotMatch(String(value), /^0+$/)
    return Buffer.from(String(value), 'hex').toString('base64')
  })
  const type = types[signal]
  const message = type.fromObject(json as Record<string, unknown>)
  assert.equal(type.verify(message), null)
  const decoded = type.toObject(type.decode(type.encode(message).finish()), {
    ...{ longs: String, bytes: String, arrays: false, objects: false, defaults: false, json: true },
  })
  assert.deepEqual(withoutDefaults(decoded), withoutDefaults(json))
}

/** Protobuf does not distinguish a default from a field that is missing, except in a `oneof`. */
function withoutDefaults(value: unknown, isChoice = false): unknown {
  if (Array.isArray(value)) return value.map((one) => withoutDefaults(one))
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(
    ([key, one]) =>
      isChoice ||
      key.startsWith('as') ||
      !(one === '' || one === 0 || one === '0' || (Array.isArray(one) && one.length === 0)),
  )
  return Object.fromEntries(kept.map(([key, one]) => [key, withoutDefaults(one, key === 'value')]))
}
