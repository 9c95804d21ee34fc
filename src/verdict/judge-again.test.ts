import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { JournalEvent } from '../journal/journal.ts'
import { MemoryJournal } from '../journal/journal-memory.ts'
import { hasChanged, judgeAgain } from './judge-again.ts'
import { defineObservation } from './observation/define-observation.ts'
import { isText } from './observation/facts.ts'
import { fail, type Question } from './question.ts'
import { questions } from './questions.ts'
import { failedRestoreEvent } from './restore-events.fixture.ts'

const color = defineObservation('color', isText)
const stricter: Question<unknown> = { ...color.is, judge: () => fail('not today', [2]) }

function journalOf(...events: readonly JournalEvent[]) {
  const journal = new MemoryJournal()
  journal.append({ kind: 'drill-started', name: 'n', feature: 'F', location: 'a.feature:3' }, 'd1')
  for (const event of events) journal.append(event, 'd1')
  journal.append({ kind: 'drill-ended', outcome: 'passed' }, 'd1')
  return journal.entries()
}
const seen = { kind: 'observation', subject: 'color', where: 'node', facts: 'red' } as const
const claim = { kind: 'expectation', question: color.is.name, expected: { facts: 'red' } } as const
const found: JournalEvent = {
  kind: 'finding',
  finding: { verdict: 'pass', question: color.is.name, sentence: 'node: red', evidence: [2] },
}

describe('a journal that is judged again', () => {
  const changes = (journal: ReturnType<typeof journalOf>, menu = color.questions) =>
    judgeAgain(journal, menu).flatMap(({ claims }) => claims.filter(hasChanged).map(({ now }) => now?.verdict))

  it('has the same verdicts with the same judges', () => {
    const [drill] = judgeAgain(journalOf(seen, claim, found), color.questions)
    assert.deepEqual([drill?.outcome, drill?.claims.map(hasChanged)], ['passed', [false]])
  })

  it('shows a verdict of a judge that has changed', () => {
    assert.deepEqual(changes(journalOf(seen, claim, found), [stricter]), ['fail'])
  })

  it('judges each claim by the entries before it only', () => {
    assert.deepEqual(changes(journalOf(claim, found, seen)), ['unknown'])
  })

  it('counts a claim whose finding is missing, because the journal was cut after it, as changed', () => {
    assert.deepEqual(changes(journalOf(seen, claim)), ['pass'])
  })

  it('knows no verdict of a question that is not known', () => {
    const [drill] = judgeAgain(journalOf(seen, claim, found), [])
    assert.deepEqual(
      drill?.claims.map(({ now }) => now),
      [undefined],
    )
  })

  it('asks of a drill that passed what is asked of every drill now', () => {
    assert.deepEqual(
      changes(journalOf(seen, failedRestoreEvent('r1', 1), claim, found), [...questions, ...color.questions]),
      ['fail'],
    )
  })
})
