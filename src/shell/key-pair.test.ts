import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import ssh2 from 'ssh2'
import { InputError } from '../errors.ts'
import { parseHostKey } from './host-key.ts'
import { makeKeyPair } from './key-pair.ts'

describe('makeKeyPair', () => {
  it('makes pairs that ssh2 can read and sign with, every time', () => {
    const message = Buffer.from('message')
    for (let round = 0; round < 1_000; round++) {
      // The comments cover every length of padding.
      const pair = makeKeyPair('x'.repeat(round % 9))
      const privateKey = ssh2.utils.parseKey(pair.privateKey)
      const publicKey = ssh2.utils.parseKey(pair.publicKey)
      assert.ok(!(privateKey instanceof Error) && !(publicKey instanceof Error), pair.privateKey)
      assert.equal(publicKey.verify(message, privateKey.sign(message) as Buffer), true)
    }
  })
})

describe('parseHostKey', () => {
  it('reads a public key, and a line of a known_hosts file', () => {
    const { publicKey } = makeKeyPair('comment')
    const key = parseHostKey(publicKey)
    assert.equal(key.type, 'ssh-ed25519')
    assert.equal(`ssh-ed25519 ${key.bytes.toString('base64')} comment`, publicKey)
    assert.deepEqual(parseHostKey(`host,10.0.0.1 ${publicKey}\n`), key)
  })

  it('refuses any other text', () => {
    for (const line of ['', 'ssh-ed25519', 'ssh-ed25519 nonsense', 'ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIA==']) {
      assert.throws(() => parseHostKey(line), InputError)
    }
  })
})
