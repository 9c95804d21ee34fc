import { randomBytes } from 'node:crypto'
import { Integer } from 'asn1js'
import { MessageImprint, TimeStampReq } from 'pkijs'
import { MachineError } from '../errors.ts'
import { checkTimestamp, clockProblem } from './timestamp.ts'

const deadlineMs = 30_000
/** Responses have a few kilobytes, with all certificates. */
const maxResponseBytes = 256 * 1024

/**
 * Asks a timestamp authority (RFC 3161, over HTTP) to sign the time with the digest of some bytes, and checks its response.
 * Only the digest is sent.
 * @param runEnd the time must not be before it
 * @throws MachineError if the authority does not answer, or with a response that proves nothing
 */
export async function requestTimestamp(authority: URL, stamped: Uint8Array, runEnd: Date): Promise<Uint8Array> {
  const nonce = randomBytes(8)
  // A positive number, without a leading zero.
  nonce[0] = 0x40 | ((nonce[0] ?? 0) & 0x3f)
  const request = new TimeStampReq({
    version: 1,
    messageImprint: await MessageImprint.create('SHA-256', new Uint8Array(stamped)),
    nonce: new Integer({ valueHex: new Uint8Array(nonce).buffer }),
    certReq: true,
  })
  const response = await post(authority, new Uint8Array(request.toSchema().toBER()))
  const found = await checkTimestamp(response, stamped, [], nonce)
  const problem = 'problem' in found ? found.problem : clockProblem(found, runEnd)
  if (problem !== undefined) throw failed(authority, problem)
  return response
}

async function post(authority: URL, body: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const headers = { 'content-type': 'application/timestamp-query', accept: 'application/timestamp-reply' }
  let response: Response
  try {
    const signal = AbortSignal.timeout(deadlineMs)
    response = await fetch(authority, { method: 'POST', headers, body, signal })
    if (response.ok) return await limited(response)
  } catch (error) {
    const { message, cause } = error as Error
    const why = cause instanceof Error && cause.message !== '' ? cause.message : message
    throw failed(authority, `it gave no response: ${why}`, error)
  }
  throw failed(authority, `it answered with HTTP ${response.status}`)
}

async function limited({ body }: Response): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let sizeBytes = 0
  for await (const part of body ?? []) {
    sizeBytes += part.length
    if (sizeBytes > maxResponseBytes) throw new RangeError(`its response has more than ${maxResponseBytes} bytes`)
    parts.push(part)
  }
  return Buffer.concat(parts)
}

function failed(authority: URL, why: string, cause?: unknown): MachineError {
  return new MachineError('no-timestamp', `no timestamp from ${authority.origin}${authority.pathname}: ${why}`, {
    cause,
    remedy: 'Try again, or pass --no-timestamp.',
  })
}
