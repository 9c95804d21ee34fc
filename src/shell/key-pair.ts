import ssh2 from 'ssh2'

/** An Ed25519 key pair in OpenSSH's formats. */
export interface KeyPair {
  readonly privateKey: string
  /** One line, as in `authorized_keys`. */
  readonly publicKey: string
}

export function makeKeyPair(comment: string): KeyPair {
  const pair = ssh2.utils.generateKeyPairSync('ed25519', { comment })
  return { privateKey: pair.private, publicKey: pair.public }
}
