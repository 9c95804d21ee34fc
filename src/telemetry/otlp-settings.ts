import { InputError } from '../errors.ts'
import { attributesOf, type OtlpSource } from './otlp-json.ts'

export type Signal = 'metrics' | 'traces'

/** Where one kind of telemetry is pushed to. */
export interface OtlpTarget {
  readonly signal: Signal
  readonly url: URL
  /** May hold tokens: they must not be printed. */
  readonly headers: Readonly<Record<string, string>>
  readonly timeoutMs: number
  readonly isCompressed: boolean
}

/** What a command pushes, and where. */
export interface OtlpSettings {
  readonly source: OtlpSource
  readonly metrics?: OtlpTarget
  readonly traces?: OtlpTarget
}

export type OtlpVariables = Readonly<Record<string, string | undefined>>

const defaultTimeoutMs = 10_000

/**
 * Reads the standard variables of OpenTelemetry: https://opentelemetry.io/docs/specs/otel/protocol/exporter/. Undefined if
 * they name no receiver.
 * @param version of dr-drill
 * @throws InputError for a value that cannot be used. It shows no header
 */
export function otlpSettings(env: OtlpVariables, version: string): OtlpSettings | undefined {
  if (env['OTEL_SDK_DISABLED']?.trim().toLowerCase() === 'true') return undefined
  const [metrics, traces] = [targetOf('metrics', env), targetOf('traces', env)]
  if (metrics === undefined && traces === undefined) return undefined
  return { source: sourceOf(env, version), ...(metrics && { metrics }), ...(traces && { traces }) }
}

function targetOf(signal: Signal, env: OtlpVariables): OtlpTarget | undefined {
  const exporters = env[`OTEL_${signal.toUpperCase()}_EXPORTER`] || 'otlp'
  if (!exporters.split(',').some((one) => one.trim() === 'otlp')) return undefined
  const url = addressOf(signal, env)
  if (url === undefined) return undefined
  const protocol = variableOf(signal, 'PROTOCOL', env)
  if (protocol !== undefined && protocol.value !== 'http/json')
    throw new InputError(`${protocol.name} is ${JSON.stringify(protocol.value)}: dr-drill pushes http/json only`, {
      remedy: `Set ${protocol.name}=http/json for this command, and the endpoint of OTLP over HTTP (port 4318).`,
    })
  const compression = variableOf(signal, 'COMPRESSION', env)
  if (compression !== undefined && !['gzip', 'none'].includes(compression.value))
    throw new InputError(`${compression.name} must be gzip or none`)
  return {
    ...{ signal, url, headers: headersOf(signal, env), timeoutMs: timeoutOf(signal, env) },
    isCompressed: compression?.value === 'gzip',
  }
}

/** An address for all signals is a base: the path of the signal is added. One of a signal is used as it is. */
function addressOf(signal: Signal, env: OtlpVariables): URL | undefined {
  const found = variableOf(signal, 'ENDPOINT', env)
  if (found === undefined) return undefined
  const { name, value, isOfSignal } = found
  const url = URL.canParse(value) ? new URL(value) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw new InputError(`${name} must be a URL with http or https`)
  if (url.username !== '' || url.password !== '')
    throw new InputError(`${name} must not hold a user or a password`, {
      remedy: 'Use OTEL_EXPORTER_OTLP_HEADERS, e.g. authorization=Basic%20…',
    })
  if (!isOfSignal) url.pathname = `${url.pathname.replace(/\/$/, '')}/v1/${signal}`
  return url
}

interface FoundValue {
  readonly name: string
  readonly value: string
  readonly isOfSignal: boolean
}

/** The variable of a signal comes before that of all signals. An empty one is not set. */
function variableOf(signal: Signal, what: string, env: OtlpVariables): FoundValue | undefined {
  const own = `OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_${what}`
  const all = `OTEL_EXPORTER_OTLP_${what}`
  for (const name of [own, all]) {
    const value = env[name]?.trim()
    if (value) return { name, value, isOfSignal: name === own }
  }
  return undefined
}

function timeoutOf(signal: Signal, env: OtlpVariables): number {
  const found = variableOf(signal, 'TIMEOUT', env)
  if (found === undefined) return defaultTimeoutMs
  if (!/^[1-9]\d{0,8}$/.test(found.value))
    throw new InputError(`${found.name} must be a number of milliseconds from 1, e.g. 10000`)
  return Number(found.value)
}

function headersOf(signal: Signal, env: OtlpVariables): Readonly<Record<string, string>> {
  const found = variableOf(signal, 'HEADERS', env)
  if (found === undefined) return {}
  const headers = pairsIn(found.name, found.value)
  try {
    return Object.fromEntries(new Headers(headers))
  } catch {
    // The message of the error would show the header.
    throw new InputError(`${found.name} holds a header that HTTP does not allow`)
  }
}

/** `key=value,other=value`, percent-encoded. */
function pairsIn(name: string, text: string): Record<string, string> {
  const pairs: Record<string, string> = {}
  for (const [nth, pair] of text.split(',').entries()) {
    if (pair.trim() === '') continue
    const at = pair.indexOf('=')
    const key = pair.slice(0, at).trim()
    try {
      if (at <= 0 || key === '') throw new RangeError('no key')
      pairs[decodeURIComponent(key)] = decodeURIComponent(pair.slice(at + 1).trim())
    } catch {
      throw new InputError(`${name}: part ${nth + 1} must be key=value, percent-encoded`)
    }
  }
  return pairs
}

function sourceOf(env: OtlpVariables, version: string): OtlpSource {
  const name = env['OTEL_SERVICE_NAME']?.trim()
  const given = pairsIn('OTEL_RESOURCE_ATTRIBUTES', env['OTEL_RESOURCE_ATTRIBUTES'] ?? '')
  const resource = {
    'service.name': 'dr-drill',
    'service.version': version,
    ...given,
    ...(name && { 'service.name': name }),
  }
  return { version, resource: attributesOf(resource) }
}
