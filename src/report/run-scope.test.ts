import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { MemoryJournal } from '../journal/journal-memory.ts'
import { siteNodes } from '../verdict/observation/node-facts.ts'
import { sampleJournal } from './page/sample-journal.fixture.ts'
import { runScope } from './run-scope.ts'

describe('the scope of a run', () => {
  it('has the sites, backups, faults and restores of all drills', () => {
    assert.deepEqual(runScope(sampleJournal([{}, { outcome: 'failed' }])), [
      { name: 'Sites', value: 'recovery (appliance, compute-1, compute-2)' },
      { name: 'Backups', value: '4 images of web, written by primary to 10.10.2.20:/upstream' },
      { name: 'Faults', value: 'site loss' },
      { name: 'Restores', value: '4 restores on recovery, 1 failed' },
    ])
  })

  it('is empty without a drill, and cuts long lists', () => {
    assert.deepEqual(runScope([]), [])
    const journal = new MemoryJournal()
    siteNodes.record(
      journal,
      's',
      Array.from({ length: 10 }, (_, nth) => `s/${nth}`),
    )
    assert.equal(runScope(journal.entries())[0]?.value, 's (0, 1, 2, 3, 4, 5, 6, 7 and 2 more)')
  })
})
