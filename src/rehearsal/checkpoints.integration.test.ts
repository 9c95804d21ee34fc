import assert from 'node:assert/strict'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { Lab } from '../lab/lab.ts'
import { Checkpoints } from './checkpoints.ts'
import { Knowledge } from './knowledge.ts'

const knowledge = new Knowledge()
const scenario = { name: 'one', location: 'a.feature:3' }
const facts = (key: string) => ({ key, calls: [], knowledge, events: [], tookMs: 1, scenario })

/** A lab that saves a file instead of machines. */
const lab = {
  save: async (folder: string) => {
    writeFileSync(join(folder, 'a.tar'), 'disks')
    return { folder }
  },
}
const broken = { save: () => Promise.reject(new Error('no space left')) }

describe('the checkpoints of a run', () => {
  it('are found by their background, and are removed with their files, one or all', async () => {
    const all = new Checkpoints(`checkpoints-${process.pid}`)
    const one = await all.make(lab as unknown as Lab, facts('one'))
    const other = await all.make(lab as unknown as Lab, facts('other'))
    const exist = () => [one, other].map(({ lab }) => existsSync(join(lab.folder, 'a.tar')))
    assert.deepEqual([all.find('one'), all.find('other'), all.find('none')], [one, other, undefined])
    assert.deepEqual(exist(), [true, true])
    await all.remove('one')
    assert.equal(all.find('one'), undefined)
    assert.deepEqual(exist(), [false, true])
    await all[Symbol.asyncDispose]()
    assert.deepEqual(exist(), [false, false])
  })

  it('do not exist if a lab cannot be saved, and leave nothing', async () => {
    const run = `checkpoints-${process.pid}-broken`
    await using all = new Checkpoints(run)
    await assert.rejects(all.make(broken as unknown as Lab, facts('one')), /no space left/)
    assert.equal(all.find('one'), undefined)
    // Its folder can be created again.
    await using again = new Checkpoints(run)
    await again.make(lab as unknown as Lab, facts('one'))
  })
})
