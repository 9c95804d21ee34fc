import { type DrillError, type DrillErrorOptions, InputError, MachineError } from '../../errors.ts'

/** A request to Keystone, for messages. */
export interface Exchange {
  /** The name of the cloud. */
  readonly cloud: string
  /** Where its profile is from. */
  readonly from: string
  /** The user or credential that logs in, without the secret. */
  readonly login: string
  readonly method: string
  readonly url: string
  /** The path below `/v3`. */
  readonly what: string
  readonly caFile: string | undefined
  /** How often it was made. */
  readonly tries: number
  /** Texts that no message may contain. */
  readonly secrets: readonly string[]
}

/** An answer of Keystone that is not the requested one. */
export class KeystoneError extends MachineError {
  /** The HTTP status. Undefined without an answer. */
  readonly status: number | undefined
  /** True if the same request may succeed soon. */
  readonly isTransient: boolean

  constructor(
    code: string,
    message: string,
    { status, isTransient = false, ...options }: DrillErrorOptions & { status?: number; isTransient?: boolean } = {},
  ) {
    super(code, message, options)
    this.name = 'KeystoneError'
    this.status = status
    this.isTransient = isTransient
  }
}

interface Refused {
  readonly body: unknown
  readonly text: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

const isLogin = ({ what }: Exchange): boolean => what === '/auth/tokens'
const asked = ({ method, url }: Exchange): string => `${method} ${url}`

/** The error for an HTTP status that is not a success. */
export function refusedBy(exchange: Exchange, status: number, answer: Refused): DrillError {
  const reason = redacted(exchange, reasonOf(answer))
  const said = `${asked(exchange)} answered ${status}${reason === '' ? '' : `: ${reason}`}`
  const { cloud, from, login } = exchange
  if (status >= 300 && status < 400 && answer.headers['location'] !== undefined)
    return new KeystoneError('keystone-moved', `${said}: it leads to ${String(answer.headers['location'])}`, {
      status,
      remedy: `Write the address after the redirect as auth_url of cloud ${cloud}.`,
    })
  if (status === 401 && isLogin(exchange))
    return new InputError(`cloud ${cloud} refuses the login of ${login}: ${said}`, {
      remedy: `Check name, domain, project and secret: they are from ${from}.`,
    })
  if (status === 404 && isLogin(exchange))
    return new InputError(`cloud ${cloud} has no Keystone at its auth_url: ${said}`, {
      remedy: `Correct auth_url: it is from ${from}.`,
    })
  if (status === 403)
    return new KeystoneError(
      'keystone-refused',
      `cloud ${cloud} does not let ${login} read ${exchange.what}: ${said}`,
      {
        status,
        remedy: 'Use a user who has the role admin or reader for the whole system, e.g. with system_scope: all.',
      },
    )
  const isTransient = status >= 500 && status !== 501
  return new KeystoneError('keystone-failed', `${said}${timesOf(exchange)}`, {
    status,
    isTransient,
    ...(isTransient && { remedy: "See Keystone's own log." }),
  })
}

const timesOf = ({ tries }: Exchange): string => (tries === 1 ? '' : ` (${tries} times)`)

const certificateCodes: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'is signed by itself',
  SELF_SIGNED_CERT_IN_CHAIN: 'is signed by an unknown authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'is signed by an unknown authority',
  UNABLE_TO_GET_ISSUER_CERT: 'is signed by an unknown authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'is signed by an unknown authority',
  CERT_SIGNATURE_FAILURE: 'is signed by another authority of the same name',
  ERR_TLS_CERT_ALTNAME_INVALID: 'belongs to another host, perhaps of another cloud',
  CERT_HAS_EXPIRED: 'has expired',
  CERT_NOT_YET_VALID: 'is not valid yet',
}

/** Errors of connections that may succeed at the next try. */
const transientCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'UND_ERR_SOCKET',
])

/** The error for a request without an answer. */
export function unanswered(
  exchange: Exchange,
  cause: unknown,
  { pauseMs, wholeMs }: { readonly pauseMs: number; readonly wholeMs: number },
): DrillError {
  const { code = '', name, message } = cause as NodeJS.ErrnoException
  const { host } = new URL(exchange.url)
  const { cloud, caFile } = exchange
  const isPause = /^UND_ERR_(HEADERS|BODY|CONNECT)_TIMEOUT$/.test(code)
  if (name === 'TimeoutError' || isPause)
    return new KeystoneError('keystone-silent', `${asked(exchange)}: ${late(isPause, isPause ? pauseMs : wholeMs)}`, {
      cause,
      remedy: 'Check that Keystone is not overloaded, or wait longer with --answer-within.',
    })
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE')
    return new KeystoneError('keystone-too-long', `${asked(exchange)}: the answer is too long to read`, { cause })
  const certificate = certificateCodes[code]
  if (certificate !== undefined) {
    const trusted = caFile === undefined ? 'the authorities of this machine' : caFile
    return new KeystoneError(
      'keystone-certificate',
      `the certificate of ${host} ${certificate} (${code}), by ${trusted}: cloud ${cloud} was not contacted`,
      { cause, remedy: 'Check auth_url, and write the file of its authority as cacert.' },
    )
  }
  if (/^ERR_(SSL|TLS)/.test(code) || code === 'EPROTO')
    return new KeystoneError('keystone-certificate', `${asked(exchange)}: no TLS with ${host}: ${code}`, {
      cause,
      remedy: 'Check auth_url: http and https differ.',
    })
  return new KeystoneError(
    'keystone-unreachable',
    `${asked(exchange)}: ${redacted(exchange, message)}${timesOf(exchange)}`,
    { cause, isTransient: transientCodes.has(code), remedy: `Check that ${host} can be reached from here.` },
  )
}

const late = (isPause: boolean, ms: number): string =>
  isPause ? `no answer for ${ms / 1000} s` : `no complete answer within ${ms / 1000} s`

/** The error for an answer that is not what Keystone answers. */
export function notJson(exchange: Exchange, what: string): KeystoneError {
  return new KeystoneError('keystone-answer', `${asked(exchange)} ${redacted(exchange, what)}`, {
    remedy: `Check auth_url: it must be the address of Keystone, e.g. https://HOST:5000/v3. It is from ${exchange.from}.`,
  })
}

/** The message of Keystone, or the start of what something else says. */
function reasonOf({ body, text }: Refused): string {
  const { error } = (typeof body === 'object' && body !== null ? body : {}) as { error?: { message?: unknown } }
  const message = typeof error?.message === 'string' ? error.message : text.trimStart()
  return message.slice(0, 200).replaceAll(/\s+/g, ' ').trim()
}

/** A server may repeat what it was sent. */
function redacted({ secrets }: Exchange, text: string): string {
  return secrets.reduce((rest, secret) => (secret === '' ? rest : rest.replaceAll(secret, '…')), text)
}
