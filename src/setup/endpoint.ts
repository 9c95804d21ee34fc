import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { join } from 'node:path'
import { InputError } from '../errors.ts'
import { homeFolder } from '../localhost/user.ts'

/** An address at which a container engine may listen. */
export interface Endpoint {
  /** As in DOCKER_HOST: `unix:///var/run/docker.sock`. */
  readonly address: string
  /** True if the user has named it (DOCKER_HOST): no other endpoint may be used. */
  readonly isGiven: boolean
}

/** The answer of an endpoint to a query for the version. */
export type EngineAnswer =
  | { readonly kind: 'answers'; readonly version: string }
  /** An engine listens, but this user may not use it. */
  | { readonly kind: 'denied' }
  | { readonly kind: 'silent'; readonly why: string }

/** Returns the endpoints to try, best first: only DOCKER_HOST if it is set, else the usual sockets. */
export function endpoints(environment: NodeJS.ProcessEnv = process.env): readonly [Endpoint, ...Endpoint[]] {
  const given = environment['DOCKER_HOST']
  if (given) return [{ address: given, isGiven: true }]
  const runtime = environment['XDG_RUNTIME_DIR']
  const rootless = [...(runtime ? [join(runtime, 'docker.sock')] : []), join(homeFolder(), '.docker/run/docker.sock')]
  const existing = rootless.filter((path) => existsSync(path))
  return [
    { address: 'unix:///var/run/docker.sock', isGiven: false },
    ...existing.map((path) => ({ address: `unix://${path}`, isGiven: false })),
  ]
}

/**
 * Queries the version of an engine. Every failure to answer is an answer as well.
 *
 * @throws InputError for a malformed address
 */
export async function queryEngine(
  { address }: Endpoint,
  environment: NodeJS.ProcessEnv = process.env,
  deadlineMs = 5_000,
): Promise<EngineAnswer> {
  const options = { ...(await connectionOf(address, environment)), path: '/version', timeout: deadlineMs }
  try {
    const { Version } = JSON.parse(await get(options)) as { Version?: string }
    return { kind: 'answers', version: Version ?? 'of unknown version' }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return code === 'EACCES' ? { kind: 'denied' } : { kind: 'silent', why: message || code || 'no answer' }
  }
}

async function connectionOf(address: string, environment: NodeJS.ProcessEnv): Promise<RequestOptions> {
  if (address.startsWith('unix://')) return { socketPath: address.slice('unix://'.length) }
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (url === undefined || !['tcp:', 'http:', 'https:'].includes(url.protocol))
    throw new InputError(`DOCKER_HOST is not a unix://, tcp:// or http(s):// address: "${address}"`, {
      remedy: 'Unset DOCKER_HOST to use the engine of this machine, or set it, e.g. to unix:///var/run/docker.sock.',
    })
  const isSecure = url.protocol === 'https:' || Boolean(environment['DOCKER_TLS_VERIFY'])
  const host = { host: url.hostname, port: url.port || (isSecure ? 2376 : 2375) }
  if (!isSecure) return host
  const folder = environment['DOCKER_CERT_PATH'] ?? join(homeFolder(), '.docker')
  const [ca, cert, key] = await Promise.all(
    ['ca.pem', 'cert.pem', 'key.pem'].map((name) => readFile(join(folder, name)).catch(() => undefined)),
  )
  return { ...host, protocol: 'https:', ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) }
}

function get(options: RequestOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    const read = async (response: IncomingMessage) => {
      response.setEncoding('utf8')
      let body = ''
      for await (const chunk of response) body += chunk
      if (response.statusCode === 200) return body
      throw new Error(`HTTP status ${response.statusCode}`)
    }
    const request = (options.protocol === 'https:' ? requestHttps : requestHttp)(options, (response) => {
      read(response).then(resolve, reject)
    })
    request.on('timeout', () => request.destroy(new Error(`no answer within ${options.timeout} ms`)))
    request.on('error', reject)
    request.end()
  })
}
