import assert from 'node:assert/strict'
import { it } from 'node:test'
import { installCommand } from './packages.ts'

it('the remedy for missing packages is a command with apt-get, and a sentence without it', () => {
  assert.match(
    installCommand(['strace', 'uidmap'], true),
    /^(sudo )?apt-get install --no-install-recommends strace uidmap$/,
  )
  const sentence = "Install the equivalents of Debian's packages strace, uidmap."
  assert.equal(installCommand(['strace', 'uidmap'], false), sentence)
})
