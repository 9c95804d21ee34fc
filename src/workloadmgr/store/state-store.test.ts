import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, describe, it } from 'node:test'
import { StateStore } from './state-store.ts'

const folder = mkdtempSync(join(tmpdir(), 'dr-drill-state-test-'))
after(() => rmSync(folder, { recursive: true }))

const workload = {
  id: 'w',
  projectId: 'p',
  userId: 'u',
  name: 'a \'name\' with "quotes"; --',
  status: 'available',
  isScheduled: true,
  isDeleted: false,
  isEncrypted: false,
  target: 't',
}

describe('state of a workload manager', () => {
  it('keeps rows as they were added, over several openings', () => {
    {
      using store = new StateStore(join(folder, 'kept'))
      store.workloads.add(workload)
      store.set('license', { name: 'x' })
      store.set('license', { name: 'y' })
    }
    using store = new StateStore(join(folder, 'kept'))
    assert.deepEqual(store.workloads.list(), [workload])
    assert.deepEqual(store.setting('license'), { name: 'y' })
    assert.equal(store.setting('other'), undefined)
  })

  it('changes and removes matching rows only, and empties columns', () => {
    using store = new StateStore(join(folder, 'changed'))
    store.workloads.add({ ...workload, description: 'd' })
    store.workloads.add({ ...workload, id: 'v', projectId: 'q' })
    assert.equal(store.workloads.change({ projectId: 'p' }, { description: undefined, isScheduled: false }), 1)
    assert.deepEqual(store.workloads.find({ id: 'w' }), { ...workload, isScheduled: false })
    assert.deepEqual(
      store.workloads.list({ isScheduled: true, description: undefined }).map(({ id }) => id),
      ['v'],
    )
    assert.equal(store.workloads.remove({ id: 'v' }), 1)
    assert.equal(store.workloads.find({ id: 'v' }), undefined)
    assert.throws(() => store.workloads.add(workload), /UNIQUE/)
  })

  it('makes all changes of a transaction or no change', () => {
    using store = new StateStore(join(folder, 'transaction'))
    const change = () =>
      store.transaction(() => {
        store.workloads.add(workload)
        store.transaction(() => store.instances.add({ id: 'i', workloadId: 'w', name: 'n' }))
        throw new Error('power cut')
      })
    assert.throws(change, /power cut/)
    assert.deepEqual([store.workloads.list(), store.instances.list()], [[], []])
  })

  it('is refused if its database has another version, or is not one', () => {
    const path = join(folder, 'other')
    new StateStore(path)[Symbol.dispose]()
    const db = new DatabaseSync(join(path, 'state.db'))
    db.exec('PRAGMA user_version = 99')
    db.close()
    assert.throws(() => new StateStore(path), { code: 'manager-state', message: /has version 99/ })
    for (const file of readdirSync(path)) rmSync(join(path, file))
    writeFileSync(join(path, 'state.db'), 'not a database, but long enough to be read as one'.repeat(100))
    assert.throws(() => new StateStore(path), { code: 'manager-state', message: /cannot open .*state\.db: / })
  })
})
