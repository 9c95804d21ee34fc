import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { JournalEntry } from '../../journal/journal.ts'
import { about } from '../question.ts'
import { everyRunbookExamined, runbookEnd, runbookEndSubject } from './runbook.ts'

let seq = 0
const end = (where: string, exitCode: number | null, runbook = './recover.sh', ended = 'exited'): JournalEntry => ({
  seq: ++seq,
  at: '2026-11-01T00:00:00Z',
  kind: 'observation',
  subject: runbookEndSubject,
  where,
  facts: { runbook, ended, exitCode, signal: ended === 'signalled' ? 'SIGKILL' : null },
})
const verdictOf = (journal: readonly JournalEntry[], exitCode: number | 'not 0') =>
  about(runbookEnd, { exitCode })(journal).verdict

describe('the end of a runbook', () => {
  it('is a success only where it exited with 0 everywhere', () => {
    assert.equal(verdictOf([end('a', 0), end('b', 0)], 0), 'pass')
    assert.equal(verdictOf([end('a', 0), end('b', 1)], 0), 'fail')
    assert.equal(verdictOf([end('a', null, './recover.sh', 'deadline')], 0), 'fail')
    assert.equal(verdictOf([], 0), 'unknown')
  })

  it('is a failure where it exited otherwise anywhere, with that code if one is expected', () => {
    assert.equal(verdictOf([end('a', 0), end('b', 3)], 'not 0'), 'pass')
    assert.equal(verdictOf([end('a', 0), end('b', 3)], 3), 'pass')
    assert.equal(verdictOf([end('a', 0), end('b', 3)], 1), 'fail')
    assert.equal(verdictOf([end('a', 0)], 'not 0'), 'fail')
    assert.equal(verdictOf([end('a', null, './recover.sh', 'signalled')], 'not 0'), 'pass')
  })

  it('is that of the last time', () => {
    assert.equal(verdictOf([end('a', 1), end('b', 0), end('a', 0), end('b', 0)], 0), 'pass')
    assert.equal(verdictOf([end('a', 0), end('a', 1)], 0), 'fail')
    assert.equal(verdictOf([end('a', 1, './other.sh'), end('b', 0)], 0), 'pass')
  })

  it('has to be looked at by somebody unless it is a success', () => {
    const bad = end('a', 1)
    assert.equal(about(everyRunbookExamined, {})([end('b', 0), bad]).verdict, 'fail')
    const finding = { verdict: 'pass', question: 'q', sentence: 's', evidence: [bad.seq] } as const
    const looked: JournalEntry = { seq: ++seq, at: bad.at, kind: 'finding', finding }
    assert.equal(about(everyRunbookExamined, {})([bad, looked]).verdict, 'pass')
  })
})
