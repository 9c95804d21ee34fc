import type { EnvelopeSignature, SignedEnvelope } from './dsse.ts'

/**
 * Returns an envelope with one signature as a bundle of Sigstore, version 0.3, which holds exactly one. `cosign
 * verify-blob-attestation --key KEY --bundle FILE --insecure-ignore-tlog` accepts it: there is no transparency log offline.
 * @param timestamp the response of a timestamp authority about the signature
 */
export function sigstoreBundle(
  { payload, payloadType }: SignedEnvelope,
  { keyid, sig }: EnvelopeSignature,
  timestamp?: Uint8Array,
): object {
  const signedTimestamp = timestamp && Buffer.from(timestamp).toString('base64')
  return {
    mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
    verificationMaterial: {
      publicKey: { hint: keyid },
      tlogEntries: [],
      ...(signedTimestamp && { timestampVerificationData: { rfc3161Timestamps: [{ signedTimestamp }] } }),
    },
    dsseEnvelope: { payload, payloadType, signatures: [{ keyid, sig }] },
  }
}
