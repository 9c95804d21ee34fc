import type { KeyObject } from 'node:crypto'
import { encoded, envelopeOf, keyIdOf, type SignedEnvelope, withSignature } from './dsse.ts'
import type { PackFile } from './pack-archive.ts'
import { publicPemOf } from './signing-key.ts'
import { sigstoreBundle } from './sigstore-bundle.ts'
import { type StatementName, statementNames } from './statement.ts'

/** The folder of a pack with all that its manifest cannot list. */
export const signatureFolder = 'signatures'

/** The signed statements of a pack, and the public keys of its signers in PEM, by the ids of the keys. */
export interface Signatures {
  readonly envelopes: Readonly<Record<StatementName, SignedEnvelope>>
  readonly keys: ReadonlyMap<string, string>
  /** The responses of timestamp authorities about signatures, by the path of the timestamp. */
  readonly timestamps: ReadonlyMap<string, Uint8Array>
}

/** Returns statements without signatures. */
export function unsigned(statements: Readonly<Record<StatementName, string>>): Signatures {
  const envelopes = Object.fromEntries(statementNames.map((name) => [name, envelopeOf(statements[name])]))
  return { envelopes: envelopes as Signatures['envelopes'], keys: new Map(), timestamps: new Map() }
}

/** Returns the same statements with the signatures of one more key. Older signatures of it lose their timestamps. */
export function signedWith({ envelopes, keys, timestamps }: Signatures, key: KeyObject): Signatures {
  const signed = Object.fromEntries(statementNames.map((name) => [name, withSignature(envelopes[name], key)]))
  const keyid = keyIdOf(key)
  const own = statementNames.map((name) => timestampPath(keyid, name))
  return {
    envelopes: signed as Signatures['envelopes'],
    keys: new Map([...keys, [keyid, publicPemOf(key)]]),
    timestamps: new Map([...timestamps].filter(([path]) => !own.includes(path))),
  }
}

/** One signature of one statement. */
export interface StampedSignature {
  readonly keyid: string
  /** The bytes that a timestamp is about. */
  readonly signature: Uint8Array
  /** The path of its timestamp, whether there is one or not. */
  readonly path: string
}

/** Returns all signatures of a pack, in the order of its files. */
export function signaturesOf({ envelopes }: Signatures): readonly StampedSignature[] {
  return statementNames.flatMap((name) =>
    envelopes[name].signatures.map(({ keyid, sig }) => ({
      ...{ keyid, signature: Buffer.from(sig, 'base64'), path: timestampPath(keyid, name) },
    })),
  )
}

export const envelopePath = (name: StatementName): string => `${signatureFolder}/${name}.dsse.json`
const signaturePrefix = (keyid: string, name: StatementName): string =>
  `${signatureFolder}/${keyid.slice(0, 16)}.${name}`
const timestampPath = (keyid: string, name: StatementName): string => `${signaturePrefix(keyid, name)}.tsr`
export const keyPath = (keyid: string): string => `${signatureFolder}/${keyid.slice(0, 16)}.pem`

/**
 * Returns the files of the signatures. The envelopes, the keys and the timestamps hold everything; the others follow from them, for
 * tools that read no envelope: what was signed, each signature in bytes, and a bundle of Sigstore for each signer.
 */
export function signatureFiles({ envelopes, keys, timestamps }: Signatures): readonly PackFile[] {
  const text = (path: string, content: string): PackFile => ({ path, content: Buffer.from(content) })
  const ofStatements = statementNames.flatMap((name) => {
    const envelope = envelopes[name]
    return [
      text(envelopePath(name), `${JSON.stringify(envelope, null, 2)}\n`),
      { path: `${signatureFolder}/${name}.signed`, content: encoded(envelope) },
      ...envelope.signatures.flatMap((signature) => {
        const prefix = signaturePrefix(signature.keyid, name)
        const path = timestampPath(signature.keyid, name)
        const timestamp = timestamps.get(path)
        return [
          ...(timestamp === undefined ? [] : [{ path, content: timestamp }]),
          { path: `${prefix}.sig`, content: Buffer.from(signature.sig, 'base64') },
          text(
            `${prefix}.sigstore.json`,
            `${JSON.stringify(sigstoreBundle(envelope, signature, timestamp), null, 2)}\n`,
          ),
        ]
      }),
    ]
  })
  return [...ofStatements, ...[...keys].map(([keyid, pem]) => text(keyPath(keyid), pem))]
}
