import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { grantOfIds } from './subordinate-ids.ts'

describe('subordinate ids', () => {
  it('are given to a user who has none', () => {
    const grant = 'usermod --add-subuids 100000-165535 --add-subgids 100000-165535 ann'
    assert.equal(grantOfIds('ann', 1001, { uids: '', gids: '' }), grant)
  })

  it('are not those of somebody else, of either kind', () => {
    const uids = '# mind the gap\nben:100000:65536\ncem:165536:65536\n'
    const gids = 'ben:300000:100\n'
    const grant = 'usermod --add-subuids 300100-365635 --add-subgids 300100-365635 ann'
    assert.equal(grantOfIds('ann', 1001, { uids, gids }), grant)
  })

  it('are given of the kind that is lacking', () => {
    const uids = 'ann:100000:65536\n'
    assert.equal(grantOfIds('ann', 1001, { uids, gids: '' }), 'usermod --add-subgids 165536-231071 ann')
  })

  it('may be given by name or by number', () => {
    const both = { uids: 'ann:100000:65536\n', gids: '1001:100000:65536\n' }
    assert.equal(grantOfIds('ann', 1001, both), undefined)
    assert.match(grantOfIds('anna', 100, both) ?? '', /--add-subuids .* --add-subgids .* anna/)
  })
})
