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
}

/** Returns statements without signatures. */
export function unsigned(statements: Readonly<Record<StatementName, string>>): Signatures {
  const envelopes = Object.fromEntries(statementNames.map((name) => [name, envelopeOf(statements[name])]))
  return { envelopes: envelopes as Signatures['envelopes'], keys: new Map() }
}

/** Returns the same statements with the signatures of one more key. */
export function signedWith({ envelopes, keys }: Signatures, key: KeyObject): Signatures {
  const signed = Object.fromEntries(statementNames.map((name) => [name, withSignature(envelopes[name], key)]))
  return {
    envelopes: signed as Signatures['envelopes'],
    keys: new Map([...keys, [keyIdOf(key), publicPemOf(key)]]),
  }
}

export const envelopePath = (name: StatementName): string => `${signatureFolder}/${name}.dsse.json`
export const keyPath = (keyid: string): string => `${signatureFolder}/${keyid.slice(0, 16)}.pem`

/**
 * Returns the files of the signatures. The envelopes and the keys hold everything; the others follow from them, for
 * tools that read no envelope: what was signed, each signature in bytes, and a bundle of Sigstore for each signer.
 */
export function signatureFiles({ envelopes, keys }: Signatures): readonly PackFile[] {
  const text = (path: string, content: string): PackFile => ({ path, content: Buffer.from(content) })
  const ofStatements = statementNames.flatMap((name) => {
    const envelope = envelopes[name]
    return [
      text(envelopePath(name), `${JSON.stringify(envelope, null, 2)}\n`),
      { path: `${signatureFolder}/${name}.signed`, content: encoded(envelope) },
      ...envelope.signatures.flatMap((signature) => {
        const prefix = `${signatureFolder}/${signature.keyid.slice(0, 16)}.${name}`
        return [
          { path: `${prefix}.sig`, content: Buffer.from(signature.sig, 'base64') },
          text(`${prefix}.sigstore.json`, `${JSON.stringify(sigstoreBundle(envelope, signature), null, 2)}\n`),
        ]
      }),
    ]
  })
  return [...ofStatements, ...[...keys].map(([keyid, pem]) => text(keyPath(keyid), pem))]
}
