import { X509Certificate } from 'node:crypto'
import { ObjectIdentifier } from 'asn1js'
import { Certificate, PKIStatus, SignedData, SignedDataVerifyError, TimeStampResp, TSTInfo } from 'pkijs'
import { printable } from '../text/printable.ts'

/** A time that an authority signed, with the digest of what existed then: RFC 3161. */
export interface Timestamp {
  /** ISO 8601, UTC. */
  readonly at: string
  /** The subject of the certificate of the authority. */
  readonly authority: string
  /** True if that certificate descends from a trusted one, and was valid at that time. */
  readonly isTrusted: boolean
}

/** A sentence: why a timestamp proves nothing. */
export interface BadTimestamp {
  readonly problem: string
}

const sha256Id = '2.16.840.1.101.3.4.2.1'
const contentTypeAttribute = '1.2.840.113549.1.9.3'
const timestampContent = '1.2.840.113549.1.9.16.1.4'
const timestampingUsage = '1.3.6.1.5.5.7.3.8'
const extendedKeyUsage = '2.5.29.37'

/**
 * Checks the response of a timestamp authority, offline: its signature, its certificate, and that it is about some bytes.
 * Certificates count as of the time in it, so that a timestamp outlives them.
 * @param stamped what it must be about
 * @param trusted certificates of authorities, in DER. Without them, none is trusted
 * @param nonce of the request, if there was one just now
 */
export async function checkTimestamp(
  response: Uint8Array,
  stamped: Uint8Array,
  trusted: readonly Uint8Array[],
  nonce?: Uint8Array,
): Promise<Timestamp | BadTimestamp> {
  try {
    return await checked(response, stamped, trusted, nonce)
  } catch (error) {
    // pkijs reports whatever it cannot read as an error.
    return { problem: `it is not a valid response of a timestamp authority: ${oneLine(messageOf(error))}` }
  }
}

async function checked(
  response: Uint8Array,
  stamped: Uint8Array,
  trusted: readonly Uint8Array[],
  nonce: Uint8Array | undefined,
): Promise<Timestamp | BadTimestamp> {
  const { status, timeStampToken } = TimeStampResp.fromBER(response)
  const isGranted = status.status === PKIStatus.granted || status.status === PKIStatus.grantedWithMods
  if (!isGranted || timeStampToken === undefined) {
    const texts = (status.statusStrings ?? []).map((one) => one.getValue()).join(', ')
    return { problem: `the authority refused to make it: ${texts === '' ? `status ${status.status}` : oneLine(texts)}` }
  }
  const signed = new SignedData({ schema: timeStampToken.content })
  const [signer, ...others] = signed.signerInfos
  const signedType = signer?.signedAttrs?.attributes.find(({ type }) => type === contentTypeAttribute)?.values[0]
  if (signer === undefined || others.length > 0) return { problem: `it has ${signed.signerInfos.length} signers` }
  if (signed.encapContentInfo.eContentType !== timestampContent || signed.encapContentInfo.eContent === undefined)
    return { problem: 'it holds no time' }
  if (!(signedType instanceof ObjectIdentifier) || signedType.getValue() !== timestampContent)
    return { problem: 'its signature is not one of a time' }
  const info = TSTInfo.fromBER(signed.encapContentInfo.eContent.getValue())
  if (info.messageImprint.hashAlgorithm.algorithmId !== sha256Id) return { problem: 'it is not about a SHA-256' }
  if (!(await info.verify({ data: exactBuffer(stamped) }))) return { problem: 'it is about other bytes' }
  if (nonce !== undefined && !Buffer.from(info.nonce?.valueBlock.valueHexView ?? []).equals(nonce))
    return { problem: 'it answers another request' }
  return await ofSigner(signed, info.genTime, stamped, trusted)
}

/** The signature of a time, and the certificate that it was made with. */
async function ofSigner(
  signed: SignedData,
  time: Date,
  stamped: Uint8Array,
  trusted: readonly Uint8Array[],
): Promise<Timestamp | BadTimestamp> {
  const verify = (trustedCerts: Certificate[] = []) =>
    signed.verify({
      ...{ signer: 0, data: exactBuffer(stamped), extendedMode: true },
      ...(trustedCerts.length > 0 && { checkChain: true, trustedCerts }),
    })
  const { signatureVerified, signerCertificate } = await verify()
  if (signatureVerified !== true || !(signerCertificate instanceof Certificate))
    return { problem: 'its signature is not one of the authority that it names' }
  const certificate = new X509Certificate(Buffer.from(signerCertificate.toSchema().toBER()))
  const authority = oneLine(certificate.subject)
  const usage = signerCertificate.extensions?.find(({ extnID }) => extnID === extendedKeyUsage)
  if (usage?.critical !== true || certificate.keyUsage?.join() !== timestampingUsage)
    return { problem: `the certificate of ${authority} is not one for timestamps alone` }
  if (time < certificate.validFromDate || time > certificate.validToDate)
    return { problem: `the certificate of ${authority} was not valid at its time, ${time.toISOString()}` }
  const certificates = trusted.map((der) => Certificate.fromBER(der))
  const isTrusted = certificates.length > 0 && (await descendsFrom(() => verify(certificates)))
  return { at: time.toISOString(), authority, isTrusted }
}

async function descendsFrom(verify: () => Promise<unknown>): Promise<boolean> {
  try {
    await verify()
    return true
  } catch (error) {
    if (error instanceof SignedDataVerifyError && error.signerCertificateVerified === false) return false
    throw error
  }
}

/** Clocks differ by less. */
const maxClockDifferenceMs = 5 * 60_000

/** Returns why a pack cannot have been signed at the time of a timestamp. Undefined if it can. */
export function clockProblem({ at }: Timestamp, runEnd: Date): string | undefined {
  return Date.parse(at) + maxClockDifferenceMs < runEnd.getTime()
    ? `its time, ${at}, is before the end of the run, ${runEnd.toISOString()}`
    : undefined
}

const oneLine = (text: string): string => printable(text.trim().replaceAll(/\s*\n\s*/g, ', '))

/** A buffer of Node.js may be part of a larger one. */
const exactBuffer = (bytes: Uint8Array): ArrayBuffer => new Uint8Array(bytes).buffer

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
