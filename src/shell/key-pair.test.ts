import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import ssh2 from 'ssh2'
import { InputError } from '../errors.ts'
import { fingerprint, parseHostKey } from './host-key.ts'
import { makeKeyPair } from './key-pair.ts'

const noKeygen = spawnSync('ssh-keygen', ['-?']).error && 'ssh-keygen is not installed (Debian: openssh-client)'

describe('makeKeyPair', () => {
  it('makes pairs that our client can read and sign with, every time', () => {
    const message = Buffer.from('message')
    for (let round = 0; round < 1_000; round++) {
      // Every length of padding.
      const pair = makeKeyPair('x'.repeat(round % 9))
      const privateKey = ssh2.utils.parseKey(pair.privateKey)
      const publicKey = ssh2.utils.parseKey(pair.publicKey)
      assert.ok(!(privateKey instanceof Error) && !(publicKey instanceof Error), pair.privateKey)
      assert.equal(publicKey.verify(message, privateKey.sign(message) as Buffer), true)
    }
  })

  it('makes pairs that OpenSSH reads the same way', { skip: noKeygen ?? false }, () => {
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

describe('parseHostKey', () => {
  it('reads a public key, and the line of a known_hosts file', () => {
    const { publicKey } = makeKeyPair('comment')
    const key = parseHostKey(publicKey)
    assert.equal(key.type, 'ssh-ed25519')
    assert.equal(`ssh-ed25519 ${key.bytes.toString('base64')} comment`, publicKey)
    assert.deepEqual(parseHostKey(`host,10.0.0.1 ${publicKey}\n`), key)
  })

  it('refuses anything else', () => {
    for (const line of ['', 'ssh-ed25519', 'ssh-ed25519 nonsense', 'ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIA==']) {
      assert.throws(() => parseHostKey(line), InputError)
    }
  })
})
