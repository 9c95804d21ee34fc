import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { SeedFile } from '../engine/engine.ts'
import { nodeSeed } from './seed.ts'
import { planTopology } from './topology.ts'

const share = '10.10.2.20:/a b\\c/größe'
const { servers, sites } = planTopology({
  shares: [{ share: '10.10.2.20:/plain' }, { share, export: 'ro' }],
  sites: [
    {
      name: 'primary',
      distribution: 'kolla',
      version: '4.1',
      shares: [share],
      propagation: 'private',
      baseDirectory: '/mnt/two words',
      nodes: [{ name: 'appliance', role: 'appliance', address: '10.10.2.31' }],
    },
  ],
})
const [server] = servers
const [site] = sites
assert.ok(server && site)

const identity = {
  name: 'primary-appliance',
  number: 7,
  address: '10.10.2.31',
  hostKey: { privateKey: 'host private', publicKey: 'host public' },
  clientKey: { privateKey: 'client private', publicKey: 'client public' },
  bringUp: 'first',
}

function contentOf(seed: readonly SeedFile[], name: string): string {
  return seed.find((file) => file.name === name)?.content ?? assert.fail(`no ${name}`)
}

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
