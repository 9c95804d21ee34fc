import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DrillError, InputError, MachineError } from '../errors.ts'
import type { JournalEvent } from '../journal/journal.ts'
import { MemoryJournal } from '../journal/journal-memory.ts'
import { errorEvent } from '../journal/outcome.ts'
import { exitCodeOfError, exitCodeOfRun } from './exit-code.ts'

describe('the exit code of a run', () => {
  const started: JournalEvent = { kind: 'drill-started', name: 'n', feature: 'f', location: 'l:1' }
  const ended = (outcome: 'passed' | 'failed' | 'unknown' | 'not run'): JournalEvent => ({
    kind: 'drill-ended',
    outcome,
  })
  const error = (blame: 'failure' | 'input' | 'machine' | 'interrupted'): JournalEvent => ({
    kind: 'error',
    code: 'c',
    message: 'm',
    blame,
  })
  const leak = (verdict: 'pass' | 'fail' | 'unknown'): JournalEvent => ({
    kind: 'finding',
    finding: { verdict, question: 'nothing is left behind', sentence: 's', evidence: [1] },
  })
  const rows: readonly [string, number, readonly (readonly JournalEvent[])[], (readonly JournalEvent[])?][] = [
    ['all passed', 0, [[started, ended('passed')]], [leak('pass')]],
    [
      'one failed',
      1,
      [
        [started, ended('passed')],
        [started, error('failure'), ended('failed')],
      ],
    ],
    ['one could not be judged', 3, [[started, error('machine'), ended('unknown')]]],
    [
      'failed wins over unknown',
      1,
      [
        [started, ended('unknown')],
        [started, ended('failed')],
      ],
    ],
    ['one was not run', 3, [[started, ended('not run')]]],
    [
      'wrong input found late',
      3,
      [
        [started, error('input'), ended('unknown')],
        [started, ended('passed')],
      ],
    ],
    ['a leak', 1, [[started, ended('passed')]], [leak('fail')]],
    ['leaks unknown', 3, [[started, ended('passed')]], [leak('unknown')]],
    ['the run itself could not go on', 3, [], [error('machine')]],
    ['a bug ended the run itself', 3, [], [errorEvent(new TypeError('x of undefined'))]],
    ['a drill that never ended', 3, [[started]]],
    [
      'interrupted wins over failed',
      130,
      [
        [started, error('interrupted'), ended('unknown')],
        [started, ended('failed')],
      ],
    ],
  ]
  for (const [claim, code, drills, rest = []] of rows) {
    it(`${code}: ${claim}`, () => {
      const journal = new MemoryJournal()
      for (const [index, events] of drills.entries()) for (const event of events) journal.append(event, `d${index}`)
      for (const event of rest) journal.append(event)
      assert.equal(exitCodeOfRun(journal.entries()), code)
    })
  }

  it('is 0 for scenarios that were not run if that is allowed', () => {
    const journal = new MemoryJournal()
    for (const event of [started, ended('not run')]) journal.append(event, 'd1')
    assert.equal(exitCodeOfRun(journal.entries(), { allowNotRun: true }), 0)
  })

  it('follows the blame of an error, and is 3 for a bug', () => {
    assert.equal(exitCodeOfError(new InputError('x')), 2)
    assert.equal(exitCodeOfError(new MachineError('c', 'x')), 3)
    assert.equal(exitCodeOfError(new DrillError('interrupted', 'c', 'x')), 130)
    assert.equal(exitCodeOfError(new TypeError('x')), 3)
  })
})
