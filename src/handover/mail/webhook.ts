import { InputError } from '../../errors.ts'
import { readNamedFile } from '../../localhost/named-file.ts'
import { maxSecretBytes, readCa } from './smtp-server.ts'

/** A receiver of notices as JSON. */
export interface Webhook {
  readonly url: URL
  /** Sent as `Authorization: Bearer`. Undefined to send none. */
  readonly token?: string
  readonly ca?: string
}

export interface WebhookOptions {
  readonly url: string
  readonly isTls: boolean
  readonly tokenFile?: string
  readonly caFile?: string
}

/** The environment variable with the token. */
export const tokenVariable = 'DR_DRILL_WEBHOOK_TOKEN'

/** Reads the address of a webhook. @throws InputError for an address without TLS, unless that is asked for */
export function readWebhook(options: WebhookOptions, environment: Readonly<NodeJS.ProcessEnv>): Webhook {
  const { url: text, isTls, tokenFile, caFile } = options
  const url = URL.parse(text)
  if (url?.username || url?.password)
    throw new InputError('--webhook: the address contains a user name or password', {
      remedy: `Pass a token with --webhook-token-file, or in ${tokenVariable}.`,
    })
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:') || url.hash)
    throw new InputError(`--webhook: not an address: ${JSON.stringify(text)}`, { remedy: 'Pass https://HOST/PATH.' })
  const token = tokenFile === undefined ? environment[tokenVariable] : readToken(tokenFile)
  if (url.protocol === 'http:' && isTls)
    throw new InputError('--webhook: an http:// address would send names and addresses without encryption', {
      remedy: 'Pass an https:// address, or --no-tls.',
    })
  if (url.protocol === 'http:' && token)
    throw new InputError('--webhook: a token requires https://, because it would be readable on the network')
  return { url, ...(token && { token }), ...(caFile !== undefined && { ca: readCa(caFile) }) }
}

function readToken(file: string): string {
  const token = readNamedFile({ what: 'the token in', path: file, maxBytes: maxSecretBytes }).trim()
  if (!/^[\x21-\x7e]+$/.test(token)) throw new InputError(`--webhook-token-file: ${file} does not hold one token`)
  return token
}
