import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { grantOfIds } from './subordinate-ids.ts'

describe('grantOfIds', () => {
  it('gives both kinds to a user without ids', () => {
    const grant = 'usermod --add-subuids 100000-165535 --add-subgids 100000-165535 ann'
    assert.equal(grantOfIds('ann', 1001, { uids: '', gids: '' }), grant)
  })

  it('avoids the ranges of other users, of both kinds', () => {
    const uids = '# mind the gap\nben:100000:65536\ncem:165536:65536\n'
    const gids = 'ben:300000:100\n'
    const grant = 'usermod --add-subuids 300100-365635 --add-subgids 300100-365635 ann'
    assert.equal(grantOfIds('ann', 1001, { uids, gids }), grant)
  })

  it('gives only the missing kind', () => {
    const uids = 'ann:100000:65536\n'
    assert.equal(grantOfIds('ann', 1001, { uids, gids: '' }), 'usermod --add-subgids 165536-231071 ann')
  })

  it('accepts ids given by name or by number', () => {
    const both = { uids: 'ann:100000:65536\n', gids: '1001:100000:65536\n' }
    assert.equal(grantOfIds('ann', 1001, both), undefined)
    assert.match(grantOfIds('anna', 100, both) ?? '', /--add-subuids .* --add-subgids .* anna/)
  })
})
