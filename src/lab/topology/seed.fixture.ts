import assert from 'node:assert/strict'
import type { SeedFile } from '../engine/engine.ts'
import { planTopology } from './topology.ts'

export const share = '10.10.2.20:/a b\\c/größe'
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
const [firstServer] = servers
const [firstSite] = sites
assert.ok(firstServer && firstSite)
export const [server, site] = [firstServer, firstSite] as const

export const identity = {
  name: 'primary-appliance',
  number: 7,
  address: '10.10.2.31',
  hostKey: { privateKey: 'host private', publicKey: 'host public' },
  clientKey: { privateKey: 'client private', publicKey: 'client public' },
  bringUp: 'first',
}

export function contentOf(seed: readonly SeedFile[], name: string): string {
  return seed.find((file) => file.name === name)?.content ?? assert.fail(`no ${name}`)
}
