import { InputError } from '../../errors.ts'
import { readNamedFile } from '../../localhost/named-file.ts'

/** A mail server, and how to reach it. */
export interface SmtpServer {
  readonly host: string
  readonly port: number
  /** TLS from the first byte, TLS by STARTTLS, which is then required, or no TLS. */
  readonly tls: 'implicit' | 'starttls' | 'none'
  /** Undefined to send without logging in. */
  readonly login?: { readonly user: string; readonly password: string }
  /** Certificates of authorities, in PEM. Undefined for those of the system. */
  readonly ca?: string
}

export interface SmtpOptions {
  readonly url: string
  /** False to send without TLS. */
  readonly isTls: boolean
  readonly passwordFile?: string
  readonly caFile?: string
}

/** The length of a file with a password or a token. */
export const maxSecretBytes = 2 ** 16

/** The environment variable with the password. */
export const passwordVariable = 'DR_DRILL_SMTP_PASSWORD'

/**
 * Reads the address of a mail server: `smtp://USER@HOST:PORT` (STARTTLS, port 587) or `smtps://…` (TLS, port 465). The
 * password comes from a file or the environment. No message repeats what was passed in its place.
 * @throws InputError
 */
export function readSmtpServer(options: SmtpOptions, environment: Readonly<NodeJS.ProcessEnv>): SmtpServer {
  const { url, isTls, passwordFile, caFile } = options
  const parsed = URL.parse(url)
  if (parsed?.password)
    throw new InputError('--smtp: the address contains a password, which others can see in the list of processes', {
      remedy: `Change the password, and pass it with --smtp-password-file or in ${passwordVariable}.`,
    })
  const protocol = parsed?.protocol
  const isPlain = parsed?.pathname === '' || parsed?.pathname === '/'
  if ((protocol !== 'smtp:' && protocol !== 'smtps:') || !parsed?.hostname || !isPlain || parsed.search || parsed.hash)
    throw new InputError(`--smtp: not the address of a mail server: ${JSON.stringify(url)}`, {
      remedy: 'Pass smtp://USER@HOST:PORT, or smtps://USER@HOST:PORT for TLS from the start.',
    })
  const tls = protocol === 'smtps:' ? 'implicit' : isTls ? 'starttls' : 'none'
  if (protocol === 'smtps:' && !isTls) throw new InputError('--no-tls cannot be combined with smtps://')
  const user = decode(parsed.username)
  if (user !== '' && tls === 'none')
    throw new InputError('--no-tls: a user name requires TLS, because the password would be readable on the network', {
      remedy: 'Remove --no-tls, or the user name.',
    })
  const password = user === '' ? undefined : readPassword(passwordFile, environment)
  return {
    host: parsed.hostname.replace(/^\[|\]$/g, ''),
    port: parsed.port === '' ? (tls === 'implicit' ? 465 : 587) : Number(parsed.port),
    tls,
    ...(password !== undefined && { login: { user, password } }),
    ...(caFile !== undefined && { ca: readCa(caFile) }),
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (cause) {
    throw new InputError(`--smtp: the user name is not encoded as in an address: ${JSON.stringify(text)}`, { cause })
  }
}

function readPassword(file: string | undefined, environment: Readonly<NodeJS.ProcessEnv>): string {
  const password =
    file === undefined
      ? environment[passwordVariable]
      : readNamedFile({ what: 'the password in', path: file, maxBytes: maxSecretBytes }).replace(/\r?\n$/, '')
  if (password === undefined || password === '')
    throw new InputError(
      `--smtp: the user name requires a password${file === undefined ? '' : `, and ${file} is empty`}`,
      {
        remedy: `Pass --smtp-password-file FILE, or set ${passwordVariable}.`,
      },
    )
  if (/[\r\n\0]/.test(password)) throw new InputError('the password of the mail server has more than one line')
  return password
}

/** Reads certificates of authorities. @throws InputError for a file without any */
export function readCa(file: string): string {
  const pem = readNamedFile({ what: 'the certificates in', path: file })
  if (!pem.includes('-----BEGIN CERTIFICATE-----'))
    throw new InputError(`--ca: ${file} holds no certificate in PEM format`)
  return pem
}
