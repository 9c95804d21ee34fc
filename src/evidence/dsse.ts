import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'

/** The payload type of in-toto statements. */
const statementType = 'application/vnd.in-toto+json'

/** A signature of an envelope. */
export interface EnvelopeSignature {
  /** The SHA-256 of the public key (its SubjectPublicKeyInfo, DER), in hexadecimal digits. A hint, which proves nothing. */
  readonly keyid: string
  /** Base64. */
  readonly sig: string
}

/** A signed text: an envelope of DSSE, https://github.com/secure-systems-lab/dsse, version 1.0.2. */
export interface SignedEnvelope {
  readonly payloadType: string
  /** Base64. */
  readonly payload: string
  readonly signatures: readonly EnvelopeSignature[]
}

/** Returns the id of a key, private or public. */
export function keyIdOf(key: KeyObject): string {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex')
}

/** Returns an envelope without signatures. */
export function envelopeOf(statement: string): SignedEnvelope {
  return { payloadType: statementType, payload: Buffer.from(statement).toString('base64'), signatures: [] }
}

/** Returns the envelope with one more signature. A signature of the same key is replaced. */
export function withSignature(envelope: SignedEnvelope, key: KeyObject): SignedEnvelope {
  const keyid = keyIdOf(key)
  const sig = sign(digestFor(key), encoded(envelope), key).toString('base64')
  return { ...envelope, signatures: [...envelope.signatures.filter((one) => one.keyid !== keyid), { keyid, sig }] }
}

/** True if one of the signatures, whatever its `keyid`, was made with a key. */
export function isSignedBy(envelope: SignedEnvelope, publicKey: KeyObject): boolean {
  return envelope.signatures.some((one) => isValidSignature(envelope, one, publicKey))
}

/** True if a signature is one of the envelope, by a key. */
export function isValidSignature(envelope: SignedEnvelope, { sig }: EnvelopeSignature, publicKey: KeyObject): boolean {
  return verify(digestFor(publicKey), encoded(envelope), publicKey, Buffer.from(sig, 'base64'))
}

/** What is signed: the pre-authentication encoding of DSSE. */
export function encoded({ payloadType, payload }: SignedEnvelope): Buffer {
  const body = Buffer.from(payload, 'base64')
  return Buffer.concat([Buffer.from(`DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${body.length} `), body])
}

/** Ed25519 has a digest of its own. */
const digestFor = (key: KeyObject): string | null => (key.asymmetricKeyType === 'ed25519' ? null : 'sha256')
