import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DrillError, InputError, MachineError } from '../errors.ts'
import { describeError, exitCodeFor } from './failure.ts'
import { buildProgram } from './program.ts'

describe('the end of a command', () => {
  it('has an exit code by who is to blame', () => {
    const codes = [
      new InputError('no such tag'),
      new MachineError('engine-missing', 'no engine'),
      new DrillError('failure', 'wrong-content', 'wrong content'),
      new DrillError('interrupted', 'interrupted', 'interrupted'),
      new TypeError('a fault of the code'),
    ].map(exitCodeFor)
    assert.deepEqual(codes, [2, 3, 1, 130, 1])
  })

  it('says what is wrong and what to do, and where in the source only when asked', () => {
    const cause = new Error('no such socket')
    const error = new MachineError('engine-missing', 'no engine answers', { cause, remedy: './drill setup' })
    assert.equal(describeError(error, false), 'dr-drill: no engine answers\n  ./drill setup')
    assert.match(describeError(error, true), /no engine answers[^]*at [^]*caused by Error: no such socket/)
    assert.match(describeError(new TypeError('x of undefined'), false), /--debug/)
  })
})

describe('the command line', () => {
  /** How it ends, and what it says to whoever typed it. */
  const typed = async (...args: string[]) => {
    const said: string[] = []
    const program = buildProgram()
    const output = { writeOut: (text: string) => said.push(text), writeErr: (text: string) => said.push(text) }
    for (const command of [program, ...program.commands]) command.configureOutput(output)
    const error: unknown = await program.parseAsync(args, { from: 'user' }).catch((thrown: unknown) => thrown)
    return { exitCode: exitCodeFor(error), said: said.join('') }
  }

  it('names the nearest to what it does not know', async () => {
    const command = await typed('rnu')
    assert.equal(command.exitCode, 2)
    assert.match(command.said, /unknown command 'rnu'[^]*Did you mean run\?/)
    const option = await typed('run', '--tgas', '@fast')
    assert.equal(option.exitCode, 2)
    assert.match(option.said, /unknown option '--tgas'[^]*Did you mean --tags\?/)
  })

  it('is not content with no command, and is with --help and --version', async () => {
    assert.equal((await typed()).exitCode, 2)
    assert.equal((await typed('--version')).exitCode, 0)
    const help = await typed('--help')
    assert.equal(help.exitCode, 0)
    for (const name of ['run', 'init', 'test', 'setup', 'doctor', 'shell', 'clean', 'target'])
      assert.match(help.said, new RegExp(`^  ${name}\\b`, 'm'))
  })

  it('refuses a part of the tests that there is not', async () => {
    const { exitCode, said } = await typed('test', '--part', 'lnt')
    assert.equal(exitCode, 2)
    assert.match(said, /lint/)
  })
})
