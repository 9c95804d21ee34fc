import assert from 'node:assert/strict'
import { it } from 'node:test'
import { contentOf, identity, share, site } from './seed.fixture.ts'
import { mailPassword, mailSeed, nodeSeed } from './seed.ts'

const encoded = Buffer.from(share).toString('base64')

it("a node's seed mounts the shares at boot, where the product expects them", () => {
  const seed = nodeSeed(identity, site)
  assert.equal(
    contentOf(seed, 'fstab'),
    `10.10.2.20:/a\\040b\\134c/größe /mnt/two\\040words/${encoded} nfs ${site.mountOptions} 0 0\n`,
  )
  assert.equal(contentOf(seed, 'directories'), `/mnt/two words/${encoded}\0`)
  assert.equal(contentOf(seed, 'exports') + contentOf(seed, 'shares'), '')
})

it('the seed of a node has no shares in fstab if the product mounts them, and names the subtree of its container', () => {
  const seed = nodeSeed(identity, { ...site, mountedBy: 'product', container: { subtree: '/mnt' } })
  assert.equal(contentOf(seed, 'fstab'), '')
  assert.notEqual(contentOf(seed, 'directories'), '')
  assert.match(contentOf(seed, 'machine'), /^SERVICE='\/mnt'$/m)
})

it('a seed has the private key of the host and the public key of the client', () => {
  const seed = nodeSeed(identity, site)
  assert.equal(contentOf(seed, 'ssh_host_ed25519_key'), 'host private')
  assert.equal(contentOf(seed, 'authorized_keys'), 'client public\n')
  assert.ok(!seed.some(({ content }) => content.includes('client private')))
  const closed = seed.filter(({ mode }) => mode === 0o600).map(({ name }) => name)
  assert.deepEqual(closed, ['ssh_host_ed25519_key', 'authorized_keys'])
})

it("a mail server's seed has a password that follows from the key of the lab and its name", () => {
  const seed = mailSeed({ ...identity, name: 'mail' })
  const password = contentOf(seed, 'mail-password')
  assert.match(password, /^[\w-]{43}$/)
  assert.equal(password, mailPassword('mail', identity.clientKey))
  const others = [mailPassword('other', identity.clientKey), mailPassword('mail', identity.hostKey)]
  assert.ok(!others.includes(password))
  assert.equal(seed.find(({ name }) => name === 'mail-password')?.mode, 0o600)
  assert.match(contentOf(seed, 'machine'), /^ROLE='mail'$/m)
})
