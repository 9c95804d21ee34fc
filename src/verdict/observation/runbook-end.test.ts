import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { AppendedEvent } from '../../journal/journal.ts'
import { MemoryJournal } from '../../journal/journal-memory.ts'
import { about } from '../question.ts'
import { type ExpectedEnd, everyRunbookExamined, runbookEnds, runbookEndsWith, runbookOutput } from './runbook-end.ts'

type Step = readonly AppendedEvent[]

const end = (where: string, exitCode: number | null, ended = 'exited', output = ''): Step => [
  { kind: 'observation', subject: runbookOutput.subject, where, facts: output },
  {
    kind: 'observation',
    subject: runbookEnds.subject,
    where,
    facts: { runbook: 'the commands', ended, exitCode, signal: ended === 'signaled' ? 'SIGKILL' : null },
  },
]
/** Each step is a series of its own. */
function journalOf(steps: readonly Step[]) {
  const journal = new MemoryJournal()
  for (const [index, step] of steps.entries())
    for (const event of step) journal.append({ ...event, series: `s${index}` })
  return journal.entries()
}
const verdictOf = (steps: readonly Step[], exitCode: number | 'not 0', at: Omit<ExpectedEnd, 'exitCode'> = {}) =>
  about(runbookEndsWith, { ...at, exitCode })(journalOf(steps)).verdict

describe('the end of a runbook', () => {
  it('is a success only if the exit code is 0 on every machine', () => {
    assert.equal(verdictOf([[...end('a', 0), ...end('b', 0)]], 0), 'pass')
    assert.equal(verdictOf([[...end('a', 0), ...end('b', 1)]], 0), 'fail')
    assert.equal(verdictOf([[...end('a', 1), ...end('b', 0)]], 0), 'fail')
    assert.equal(verdictOf([end('a', null, 'deadline')], 0), 'fail')
    assert.equal(verdictOf([], 0), 'unknown')
  })

  it('is a failure only if the exit code is not 0, or the expected one, on every machine', () => {
    assert.equal(verdictOf([[...end('a', 3), ...end('b', 3)]], 3), 'pass')
    assert.equal(verdictOf([[...end('a', 3), ...end('b', 99)]], 3), 'fail')
    assert.equal(verdictOf([[...end('a', 99), ...end('b', 3)]], 3), 'fail')
    assert.equal(verdictOf([[...end('a', 3), ...end('b', 99)]], 'not 0'), 'pass')
    assert.equal(verdictOf([[...end('a', 0), ...end('b', 3)]], 'not 0'), 'fail')
    assert.equal(verdictOf([end('a', 0)], 'not 0'), 'fail')
    assert.equal(verdictOf([end('a', null, 'signaled')], 'not 0'), 'pass')
    assert.equal(verdictOf([end('a', null, 'signaled')], 3), 'fail')
  })

  it('is that on one machine if the claim names it', () => {
    const both = [...end('a', 3), ...end('b', 99)]
    assert.equal(verdictOf([both], 3, { where: 'a' }), 'pass')
    assert.equal(verdictOf([both], 3, { where: 'b' }), 'fail')
    assert.equal(verdictOf([both], 3, { where: 'c' }), 'unknown')
  })

  it('is that of the last runbook, also of commands that were pasted on two sites', () => {
    assert.equal(
      verdictOf(
        [
          [...end('a', 1), ...end('b', 0)],
          [...end('a', 0), ...end('b', 0)],
        ],
        0,
      ),
      'pass',
    )
    assert.equal(verdictOf([end('a', 3), end('b', 0)], 3), 'fail')
    assert.equal(verdictOf([end('a', 3), end('b', 0)], 'not 0'), 'fail')
    assert.equal(verdictOf([end('a', 3), end('b', 0)], 0), 'pass')
    assert.equal(verdictOf([end('a', 3), end('b', 0)], 3, { series: 's0' }), 'pass')
  })
})

describe('the output of a runbook', () => {
  const verdictOfOutput = (steps: readonly Step[], text: string, where?: string) =>
    about(runbookOutput.mentions, { text, ...(where !== undefined && { where }) })(journalOf(steps)).verdict
  const mixed = [...end('a', 0, 'exited', 'it broke'), ...end('b', 0, 'exited', 'all is well')]

  it('contains a text only if it does on every machine', () => {
    assert.equal(verdictOfOutput([mixed], 'all is well'), 'fail')
    assert.equal(verdictOfOutput([mixed], 'it broke'), 'fail')
    assert.equal(verdictOfOutput([[...mixed, ...end('a', 0, 'exited', 'all is well')]], 'all is well'), 'fail')
  })

  it('is that of one machine if the claim names it', () => {
    assert.equal(verdictOfOutput([mixed], 'it broke', 'a'), 'pass')
    assert.equal(verdictOfOutput([mixed], 'it broke', 'b'), 'fail')
  })

  it('is that of the last runbook', () => {
    assert.equal(verdictOfOutput([mixed, end('b', 0, 'exited', 'all is well')], 'all is well'), 'pass')
    assert.equal(verdictOfOutput([end('b', 0, 'exited', 'all is well'), mixed], 'all is well'), 'fail')
  })
})

describe('a failed runbook', () => {
  const examined = (steps: readonly Step[], at: ExpectedEnd) => {
    const journal = journalOf(steps)
    const finding = about(runbookEndsWith, at)(journal)
    const looked = { seq: journal.length + 1, at: '2026-11-01T00:00:00Z', kind: 'finding', finding } as const
    return about(everyRunbookExamined, {})([...journal, looked]).verdict
  }

  it('fails the drill if no step examined it', () => {
    assert.equal(about(everyRunbookExamined, {})(journalOf([[...end('b', 0), ...end('a', 1)]])).verdict, 'fail')
    assert.equal(about(everyRunbookExamined, {})(journalOf([end('b', 0)])).verdict, 'pass')
    assert.equal(examined([end('a', 1)], { exitCode: 1 }), 'pass')
  })

  it('is not examined by a claim about another node or another runbook', () => {
    assert.equal(examined([[...end('a', 3), ...end('b', 99)]], { exitCode: 3, where: 'a' }), 'fail')
    assert.equal(examined([end('a', 3), end('b', 0)], { exitCode: 0 }), 'fail')
  })
})
