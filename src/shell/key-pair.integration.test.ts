import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fingerprint, parseHostKey } from './host-key.ts'
import { makeKeyPair } from './key-pair.ts'

const noKeygen = spawnSync('ssh-keygen', ['-?']).error && 'ssh-keygen is not installed (Debian: openssh-client)'

describe('makeKeyPair', () => {
  it('makes pairs that OpenSSH reads with the same public key and fingerprint', { skip: noKeygen ?? false }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'dr-drill-key-pair-'))
    try {
      const path = join(folder, 'key')
      const pair = makeKeyPair('a comment')
      writeFileSync(path, pair.privateKey, { mode: 0o600 })
      writeFileSync(`${path}.pub`, pair.publicKey)
      const keygen = (...args: string[]) => execFileSync('ssh-keygen', args, { encoding: 'utf8' }).trim()
      assert.equal(keygen('-y', '-f', path), pair.publicKey)
      const [expected] = fingerprint(parseHostKey(pair.publicKey).bytes).split(' ')
      assert.equal(keygen('-l', '-f', `${path}.pub`), `256 ${expected} a comment (ED25519)`)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
