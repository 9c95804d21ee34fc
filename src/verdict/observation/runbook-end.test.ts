import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { JournalEntry } from '../../journal/journal.ts'
import { about } from '../question.ts'
import { everyRunbookExamined, runbookEnds, runbookEndsWith } from './runbook-end.ts'

let seq = 0
const end = (where: string, exitCode: number | null, runbook = './recover.sh', ended = 'exited'): JournalEntry => ({
  seq: ++seq,
  at: '2026-11-01T00:00:00Z',
  kind: 'observation',
  subject: runbookEnds.subject,
  where,
  facts: { runbook, ended, exitCode, signal: ended === 'signalled' ? 'SIGKILL' : null },
})
const verdictOf = (journal: readonly JournalEntry[], exitCode: number | 'not 0') =>
  about(runbookEndsWith, { exitCode })(journal).verdict

describe('the end of a runbook', () => {
  it('is a success only if the exit code is 0 on every machine', () => {
    assert.equal(verdictOf([end('a', 0), end('b', 0)], 0), 'pass')
    assert.equal(verdictOf([end('a', 0), end('b', 1)], 0), 'fail')
    assert.equal(verdictOf([end('a', null, './recover.sh', 'deadline')], 0), 'fail')
    assert.equal(verdictOf([], 0), 'unknown')
  })

  it('is a failure if the exit code is not 0 on any machine, or the expected one', () => {
    assert.equal(verdictOf([end('a', 0), end('b', 3)], 'not 0'), 'pass')
    assert.equal(verdictOf([end('a', 0), end('b', 3)], 3), 'pass')
    assert.equal(verdictOf([end('a', 0), end('b', 3)], 1), 'fail')
    assert.equal(verdictOf([end('a', 0)], 'not 0'), 'fail')
    assert.equal(verdictOf([end('a', null, './recover.sh', 'signalled')], 'not 0'), 'pass')
  })

  it('is the end of its last run', () => {
    assert.equal(verdictOf([end('a', 1), end('b', 0), end('a', 0), end('b', 0)], 0), 'pass')
    assert.equal(verdictOf([end('a', 0), end('a', 1)], 0), 'fail')
    assert.equal(verdictOf([end('a', 1, './other.sh'), end('b', 0)], 0), 'pass')
  })

  it('fails the drill if it is a failure that no step examined', () => {
    const bad = end('a', 1)
    assert.equal(about(everyRunbookExamined, {})([end('b', 0), bad]).verdict, 'fail')
    const finding = { verdict: 'pass', question: 'q', sentence: 's', evidence: [bad.seq] } as const
    const looked: JournalEntry = { seq: ++seq, at: bad.at, kind: 'finding', finding }
    assert.equal(about(everyRunbookExamined, {})([bad, looked]).verdict, 'pass')
  })
})
