import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DrillError, InputError, MachineError } from '../errors.ts'
import { styleOf } from '../text/style.ts'
import { cleaned } from './output-guard.ts'
import { describeError, exitCodeFor } from './print-error.ts'

const bug = /^dr-drill: x of undefined\n {2}This is a bug in dr-drill\. Run again with --debug for a stack trace\.$/

describe('the exit code of an error', () => {
  it('follows the blame, and is 3 for a bug', () => {
    const codes = [
      new InputError('no such tag'),
      new MachineError('engine-missing', 'no engine'),
      new DrillError('failure', 'wrong-content', 'wrong content'),
      new DrillError('interrupted', 'interrupted', 'interrupted'),
      new TypeError('x of undefined'),
      'thrown by mistake',
    ].map(exitCodeFor)
    assert.deepEqual(codes, [2, 3, 1, 130, 3, 3])
  })
})

describe('an error', () => {
  const cause = new Error('no such socket')
  const error = new MachineError('engine-missing', 'no engine answers', { cause, remedy: 'Run:\n./drill setup' })

  it('is its message, with every line of its remedy beneath', () => {
    assert.equal(describeError(error), 'dr-drill: no engine answers\n  Run:\n  ./drill setup')
    assert.equal(describeError(new InputError('no such tag')), 'dr-drill: no such tag')
  })

  it('has its stack and those of its causes with --debug', () => {
    assert.match(
      describeError(error, { isDebug: true }),
      /^dr-drill: no engine answers\n[^]*\nMachineError: [^]*\n {4}at [^]*\ncaused by Error: no such socket\n {4}at /,
    )
  })

  it('has the stacks of all errors that it joins with --debug', () => {
    const joined = new AggregateError([new Error('first')], 'several')
    const masked = new SuppressedError(new Error('second'), joined, 'twice')
    const text = describeError(masked, { isDebug: true })
    for (const message of ['twice', 'second', 'several', 'first']) assert.match(text, new RegExp(`Error: ${message}\n`))
  })

  it('that is a bug is called one', () => {
    assert.match(describeError(new TypeError('x of undefined')), bug)
    assert.doesNotMatch(describeError(new TypeError('x of undefined'), { isDebug: true }), /Run again/)
    assert.match(describeError('x of undefined'), bug)
  })

  it('of the system is not called a bug', () => {
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), {
      syscall: 'write',
      code: 'ENOSPC',
    })
    assert.equal(describeError(full), `dr-drill: ${full.message}\n  Run again with --debug for a stack trace.`)
  })

  it('is colored on a terminal', () => {
    const style = styleOf({ isTTY: true, columns: 80 }, {})
    assert.equal(cleaned(describeError(new InputError('x'), { style }), {}), '\u001b[31mdr-drill:\u001b[39m x')
  })
})
