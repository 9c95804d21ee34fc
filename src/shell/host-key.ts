import { createHash } from 'node:crypto'
import { InputError } from '../errors.ts'

/** The public key of an SSH host. */
export interface HostKey {
  /** e.g. `ssh-ed25519` */
  readonly type: string
  readonly bytes: Buffer
}

/**
 * Reads a public key in OpenSSH's format, `ssh-ed25519 AAAA… comment`, or a line of `known_hosts`.
 * @throws InputError for any other text
 */
export function parseHostKey(line: string): HostKey {
  const words = line.trim().split(/\s+/)
  for (const [at, type] of words.entries()) {
    const bytes = Buffer.from(words[at + 1] ?? '', 'base64')
    if (typeOf(bytes) === type) return { type, bytes }
  }
  throw new InputError(`${JSON.stringify(line)} is not a public key in OpenSSH's format`, {
    remedy: 'Print the keys with ssh-keyscan HOST, and compare their fingerprints with those on the host.',
  })
}

/** The fingerprint as `ssh-keygen -l` prints it: `SHA256:… (ssh-ed25519)`. */
export function fingerprint(key: Buffer): string {
  const digest = createHash('sha256').update(key).digest('base64').replace(/=+$/, '')
  return `SHA256:${digest} (${typeOf(key)})`
}

/** Reads the type, which a key begins with: its length, then its name. */
function typeOf(key: Buffer): string | undefined {
  return key.length < 5 ? undefined : key.toString('latin1', 4, 4 + key.readUInt32BE(0))
}
