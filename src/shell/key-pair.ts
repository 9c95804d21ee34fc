import { generateKeyPairSync, randomBytes } from 'node:crypto'

/** An Ed25519 key pair in OpenSSH's formats. */
export interface KeyPair {
  readonly privateKey: string
  /** One line, as in `authorized_keys`. */
  readonly publicKey: string
}

/**
 * Makes a key pair. `comment` ends the public key. The generator of ssh2 1.17 is not used: about one in 300 of its
 * Ed25519 keys cannot be read again.
 */
export function makeKeyPair(comment: string): KeyPair {
  const { d, x } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })
  if (d === undefined || x === undefined) throw new TypeError('the Ed25519 key has no numbers')
  const publicBytes = Buffer.from(x, 'base64url')
  const secret = Buffer.concat([Buffer.from(d, 'base64url'), publicBytes])
  const publicBlob = Buffer.concat([field(type), field(publicBytes)])

  // The format is in openssh-portable's PROTOCOL.key. Decryption is checked by a number that is written twice.
  const check = randomBytes(4)
  const privateFields = Buffer.concat([check, check, publicBlob, field(secret), field(comment)])
  const padding = Buffer.from([1, 2, 3, 4, 5, 6, 7].slice(0, -privateFields.length & 7))
  const file = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    ...['none', 'none', ''].map(field),
    uint32(1),
    field(publicBlob),
    field(Buffer.concat([privateFields, padding])),
  ])
  const lines = file.toString('base64').match(/.{1,70}/g) ?? []
  return {
    privateKey: ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join('\n'),
    publicKey: `${type} ${publicBlob.toString('base64')} ${comment}`,
  }
}

const type = 'ssh-ed25519'

function field(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content)
  return Buffer.concat([uint32(bytes.length), bytes])
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
