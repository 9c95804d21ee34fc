import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Blame, DrillError } from '../errors.ts'
import type { Finding, JournalEvent } from './journal.ts'
import { MemoryJournal } from './journal-memory.ts'
import { errorEvent, outcomeOf } from './outcome.ts'

const finding = (verdict: Finding['verdict'], sentence: string = verdict): JournalEvent => ({
  kind: 'finding',
  finding: { verdict, question: 'q', sentence, evidence: [1] },
})
const error = (blame: Blame, message: string = blame): JournalEvent =>
  errorEvent(new DrillError(blame, 'code', message))

function outcome(events: readonly JournalEvent[], notRun?: string) {
  const journal = new MemoryJournal()
  for (const event of events) journal.append(event)
  return outcomeOf(journal.entries(), notRun)
}

describe('the outcome of a drill', () => {
  it('is passed only if every finding is a pass', () => {
    assert.deepEqual(outcome([finding('pass'), finding('pass')]), { outcome: 'passed' })
    assert.deepEqual(outcome([finding('unknown'), finding('pass')]), { outcome: 'unknown', why: 'q: unknown' })
    assert.deepEqual(outcome([finding('pass'), finding('unknown')]), { outcome: 'unknown', why: 'q: unknown' })
    assert.deepEqual(outcome([finding('fail'), finding('pass')]), { outcome: 'failed', why: 'q: fail' })
    assert.equal(outcome([{ kind: 'note', text: 'no claim' }]).outcome, 'unknown')
  })

  it('is failed if any finding is a fail, whatever else there is', () => {
    assert.equal(outcome([finding('unknown'), error('machine'), finding('fail')], 'not here').outcome, 'failed')
  })

  it('is the one of the first error: failed for results, unknown for machines and input', () => {
    assert.deepEqual(outcome([finding('pass'), error('failure')]), { outcome: 'failed', why: 'failure' })
    assert.deepEqual(outcome([finding('pass'), error('input')]), { outcome: 'unknown', why: 'input' })
    assert.deepEqual(outcome([finding('pass'), error('machine')]), { outcome: 'unknown', why: 'machine' })
    assert.deepEqual(outcome([error('machine'), error('failure')]), { outcome: 'unknown', why: 'machine' })
    assert.deepEqual(outcome([error('failure'), error('machine')]), { outcome: 'failed', why: 'failure' })
  })

  it('reports the first unknown finding', () => {
    assert.equal(outcome([finding('unknown', 'first'), finding('unknown', 'second')]).why, 'q: first')
  })

  it('is not run only without an error, and without an unknown or failed finding', () => {
    assert.deepEqual(outcome([finding('pass')], 'no netem'), { outcome: 'not run', why: 'no netem' })
    assert.equal(outcome([finding('unknown')], 'no netem').outcome, 'unknown')
    assert.equal(outcome([error('machine')], 'no netem').outcome, 'unknown')
  })
})

describe('an error that is not ours', () => {
  const thrownIn = (file: string, fault: Error) =>
    Object.assign(fault, { stack: `${fault.name}: ${fault.message}\n    at node:fs:1:1\n    at run (${file}:1:1)` })
  const own = new URL('../shell/local.ts', import.meta.url)

  it('is a failure of a step, unless our own code threw it', () => {
    const blame = (file: string) => errorEvent(thrownIn(file, new TypeError('x of undefined'))).blame
    assert.equal(blame('file:///home/me/steps/steps.ts'), 'failure')
    assert.equal(blame(own.href), 'machine')
    assert.equal(blame(own.pathname), 'machine')
    assert.equal(errorEvent('thrown by mistake').blame, 'failure')
  })

  it('is no failure if this machine lacks something, also as a cause', () => {
    for (const code of ['EMFILE', 'ENOSPC', 'ENOMEM']) {
      const cause = thrownIn(
        '/home/me/steps.ts',
        Object.assign(new Error(`${code}: lacking`), { code, syscall: 'open' }),
      )
      for (const one of [
        cause,
        new Error('cannot read', { cause }),
        new DrillError('input', 'c', 'cannot read', { cause }),
      ]) {
        const { code: known, blame, remedy } = errorEvent(one)
        assert.deepEqual([known, blame, typeof remedy], ['no-resources', 'machine', 'string'])
      }
    }
    const busy = Object.assign(new Error('EAGAIN: try again'), { code: 'EAGAIN', syscall: 'read' })
    assert.equal(errorEvent(new DrillError('failure', 'c', 'm', { cause: busy })).blame, 'failure')
  })
})
