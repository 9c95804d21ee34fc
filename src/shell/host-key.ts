import { createHash } from 'node:crypto'
import { InputError } from '../errors.ts'

/** The public key of an SSH host. */
export interface HostKey {
  /** e.g. `ssh-ed25519` */
  readonly type: string
  readonly bytes: Buffer
}

/**
 * Reads a public key as OpenSSH writes it: `ssh-ed25519 AAAA… comment`, also with the host names of a `known_hosts`
 * line in front.
 * @throws InputError if it is none
 */
export function parseHostKey(line: string): HostKey {
  const words = line.trim().split(/\s+/)
  for (const [at, type] of words.entries()) {
    const bytes = Buffer.from(words[at + 1] ?? '', 'base64')
    if (typeOf(bytes) === type) return { type, bytes }
  }
  throw new InputError(`not a public key in OpenSSH's format: ${JSON.stringify(line)}`, {
    remedy: 'ssh-keyscan HOST prints them; compare their fingerprints with what the host itself shows.',
  })
}

/** As `ssh-keygen -l` shows it: `SHA256:… (ssh-ed25519)`. */
export function fingerprint(key: Buffer): string {
  const digest = createHash('sha256').update(key).digest('base64').replace(/=+$/, '')
  return `SHA256:${digest} (${typeOf(key)})`
}

/** A key's bytes begin with the length and the name of its type. */
function typeOf(key: Buffer): string | undefined {
  return key.length < 5 ? undefined : key.toString('latin1', 4, 4 + key.readUInt32BE(0))
}
