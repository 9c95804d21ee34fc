import type { EnvelopeSignature, SignedEnvelope } from './dsse.ts'

/**
 * Returns an envelope with one signature as a bundle of Sigstore, version 0.3, which holds exactly one. `cosign
 * verify-blob-attestation --key KEY --bundle FILE --insecure-ignore-tlog` accepts it: there is no transparency log offline.
 */
export function sigstoreBundle({ payload, payloadType }: SignedEnvelope, { keyid, sig }: EnvelopeSignature): object {
  return {
    mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
    verificationMaterial: { publicKey: { hint: keyid }, tlogEntries: [] },
    dsseEnvelope: { payload, payloadType, signatures: [{ keyid, sig }] },
  }
}
