import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { InputError } from '../errors.ts'

/** The environment variable with the passphrase of an encrypted private key. */
const passphraseVariable = 'DR_DRILL_KEY_PASSPHRASE'

const usage = 'Make one: openssl genpkey -algorithm ed25519 -out key.pem'

/**
 * Reads a private key in PEM.
 * @throws InputError for another file, another algorithm than Ed25519 or ECDSA with P-256, or a wrong passphrase
 */
export function readSigningKey(path: string, passphrase = process.env[passphraseVariable]): KeyObject {
  const pem = read(path)
  let key: KeyObject
  try {
    key = createPrivateKey(passphrase === undefined ? pem : { key: pem, passphrase })
  } catch (cause) {
    const isEncrypted = pem.includes('ENCRYPTED')
    const why = isEncrypted ? `is encrypted, and ${passphraseVariable} does not open it` : 'is not a private key in PEM'
    throw new InputError(`${path} ${why}`, { cause, remedy: isEncrypted ? `Set ${passphraseVariable}.` : usage })
  }
  refuseAlgorithm(path, key)
  return key
}

/**
 * Reads a public key in PEM.
 * @throws InputError for another file or algorithm
 */
export function readPublicKey(path: string): KeyObject {
  return parsePublicKey(read(path), path)
}

/** As `readPublicKey`, from the content of a file. */
export function parsePublicKey(pem: string, source: string): KeyObject {
  if (pem.includes('PRIVATE KEY'))
    throw new InputError(`${source} is a private key`, { remedy: `Give its public key: openssl pkey -in KEY -pubout` })
  let key: KeyObject
  try {
    key = createPublicKey(pem)
  } catch (cause) {
    throw new InputError(`${source} is not a public key in PEM`, { cause })
  }
  refuseAlgorithm(source, key)
  return key
}

/** Returns the public key of a private one, in PEM. */
export function publicPemOf(key: KeyObject): string {
  return createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString()
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new InputError(`cannot read the key ${path}: ${(cause as Error).message}`, { cause })
  }
}

function refuseAlgorithm(source: string, key: KeyObject): void {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key
  if (type === 'ed25519' || (type === 'ec' && details?.namedCurve === 'prime256v1')) return
  const found = details?.namedCurve ?? type
  throw new InputError(`${source}: the algorithm must be Ed25519 or ECDSA with P-256, not ${found}`, { remedy: usage })
}
