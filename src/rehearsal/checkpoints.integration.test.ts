import assert from 'node:assert/strict'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { Lab } from '../lab/lab.ts'
import { Checkpoints } from './checkpoints.ts'
import { Holdings } from './holdings.ts'

const knowledge = { primary: 'a', current: 'a', holdings: new Holdings(), backups: new Map() }
const what = (key: string) => ({ key, calls: [], knowledge, events: [], tookMs: 1 })

/** Saves a file instead of machines. */
const lab = {
  save: async (folder: string) => {
    writeFileSync(join(folder, 'a.tar'), 'disks')
    return { folder }
  },
}
const broken = { save: () => Promise.reject(new Error('no space left')) }

describe('the checkpoints of a run', () => {
  it('are found by their background, and gone with their files when they are dropped, or all at the end', async () => {
    const all = new Checkpoints(`checkpoints-${process.pid}`)
    const one = await all.make(lab as unknown as Lab, what('one'))
    const other = await all.make(lab as unknown as Lab, what('other'))
    const isThere = () => [one, other].map(({ lab }) => existsSync(join(lab.folder, 'a.tar')))
    assert.deepEqual([all.find('one'), all.find('other'), all.find('none')], [one, other, undefined])
    assert.deepEqual(isThere(), [true, true])
    await all.drop('one')
    assert.equal(all.find('one'), undefined)
    assert.deepEqual(isThere(), [false, true])
    await all[Symbol.asyncDispose]()
    assert.deepEqual(isThere(), [false, false])
  })

  it('are none when a lab cannot be saved, and nothing is left of it', async () => {
    const run = `checkpoints-${process.pid}-broken`
    await using all = new Checkpoints(run)
    await assert.rejects(all.make(broken as unknown as Lab, what('one')), /no space left/)
    assert.equal(all.find('one'), undefined)
    // Its folder can be made again.
    await using again = new Checkpoints(run)
    await again.make(lab as unknown as Lab, what('one'))
  })
})
