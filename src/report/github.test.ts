import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { MemoryJournal } from '../journal/journal-memory.ts'
import { githubAnnotations, githubSummary } from './github.ts'

function runOf(count: number, name = 'the claim'): MemoryJournal {
  const journal = new MemoryJournal()
  for (let nth = 0; nth < count; nth++) {
    journal.append({ kind: 'drill-started', name, feature: 'F', location: `features/a.feature:${nth + 3}` }, `d${nth}`)
    journal.append({ kind: 'drill-ended', outcome: 'failed', why: 'first line\nsecond: 100%' }, `d${nth}`)
  }
  return journal
}

describe('annotations for GitHub', () => {
  it('are at the file and line of a scenario, with its whole reason', () => {
    assert.deepEqual(githubAnnotations(runOf(1).entries()), [
      '::error file=features/a.feature,line=3,title=failed%3A the claim::first line%0Asecond: 100%25',
    ])
  })

  it('are none for a scenario that passed or was not run', () => {
    const journal = new MemoryJournal()
    for (const [id, outcome] of [
      ['d1', 'passed'],
      ['d2', 'not run'],
    ] as const) {
      journal.append({ kind: 'drill-started', name: 'n', feature: 'F', location: 'a.feature:3' }, id)
      journal.append({ kind: 'drill-ended', outcome }, id)
    }
    assert.deepEqual(githubAnnotations(journal.entries()), [])
  })

  it('include unknown scenarios and problems of the run', () => {
    const journal = new MemoryJournal()
    journal.append({ kind: 'drill-started', name: 'n', feature: 'F', location: 'a.feature:3' }, 'd1')
    journal.append({ kind: 'error', code: 'x', blame: 'machine', message: 'the disk is full' })
    assert.deepEqual(githubAnnotations(journal.entries()), [
      '::error file=a.feature,line=3,title=unknown%3A n::the run was killed before the drill ended',
      '::error title=dr-drill::the disk is full',
    ])
  })

  it('do not let a name begin another command', () => {
    const [text = ''] = githubAnnotations(runOf(1, 'x\n::add-mask::secret,line=1').entries())
    assert.equal(text.split('\n').length, 1)
    assert.match(text, /title=failed%3A x\\u000a%3A%3Aadd-mask%3A%3Asecret%2Cline=1::/)
  })

  it('are as many as GitHub shows, and name how many are left', () => {
    const all = githubAnnotations(runOf(25).entries())
    assert.equal(all.length, 10)
    assert.match(all[9] ?? '', /::16 more problems are in summary\.md\.$/)
  })
})

describe('summary for GitHub', () => {
  it('is cut at a line before the limit, and says so', () => {
    assert.equal(githubSummary('short\n'), 'short\n')
    const cut = githubSummary('a line with ä\n'.repeat(100_000))
    assert.ok(Buffer.byteLength(cut) <= 2 ** 20)
    assert.match(cut, /a line with ä\n\nThe rest is in summary\.md\.\n$/)
  })
})
