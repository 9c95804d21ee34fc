import assert from 'node:assert/strict'
import { it } from 'node:test'
import { installCommand } from './packages.ts'

it('what a person installs is a command where there is an apt-get, and said in words elsewhere', () => {
  assert.match(
    installCommand(['strace', 'uidmap'], true),
    /^(sudo )?apt-get install --no-install-recommends strace uidmap$/,
  )
  const words = "install, under the names that they have here, Debian's packages strace, uidmap"
  assert.equal(installCommand(['strace', 'uidmap'], false), words)
})
