import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { candidatesFor, kindsOfPlaceholders, placeholderOf } from './candidates.ts'
import { buildProgram } from './program.ts'
import { withSubcommands } from './run-program.ts'

const program = await buildProgram()

/** The candidates for the last word of a line, or what kind of names they are. */
function offered(line: string): readonly string[] | string {
  const found = candidatesFor(program, line.split(' '))
  return found.kind === 'words' ? found.words.map(({ word }) => word) : found.kind
}

describe('completion offers', () => {
  it('the commands of the program, with their descriptions and without the hidden ones', () => {
    const words = offered('')
    for (const name of ['run', 'lab', 'target', 'completion', 'help']) assert.ok(words.includes(name), name)
    assert.ok(!words.includes('complete'))
    const found = candidatesFor(program, ['ru'])
    assert.ok(found.kind === 'words' && found.words.every(({ description }) => description !== ''))
  })

  it('the commands of a command, and of help', () => {
    assert.deepEqual(offered('lab '), ['up', 'down', 'list', 'help'])
    assert.ok(offered('help ').includes('run'))
    assert.ok(!offered('help ').includes('help'))
    assert.deepEqual(offered('help lab '), ['up', 'down', 'list'])
  })

  it('the options of the command, also after arguments and global options', () => {
    for (const line of ['run --', 'run features/a.feature --t', '--debug run -', 'run --tags @fast --'])
      assert.ok(offered(line).includes('--keep-lab'), line)
    assert.ok(!offered('run --').includes('--strategy'))
    assert.ok(offered('--').includes('--no-color'))
  })

  it('the choices of an option, after it or after its equals sign', () => {
    assert.deepEqual(offered('run --engine '), ['auto', 'container', 'embedded'])
    assert.deepEqual(offered('run --engine=con'), ['auto', 'container', 'embedded'])
    assert.deepEqual(offered('assess /mnt --depth '), ['headers', 'tables', 'content'])
  })

  it('the choices of an argument', () => assert.deepEqual(offered('completion '), ['bash', 'zsh', 'fish']))

  it('files, where a value is one', () => {
    for (const line of ['assess ', 'assess /mnt/a ', 'run --config ', 'run --config=', 'recover --plan ', 'lab up '])
      assert.equal(offered(line), 'files', line)
  })

  it('names from the ledger, where a value is one', () => {
    assert.equal(offered('shell '), 'machines')
    assert.equal(offered('shell --run '), 'runs')
    assert.equal(offered('shell --run some-run '), 'machines')
    assert.equal(offered('lab down '), 'labs')
  })

  it('nothing, where a value is free or there is no further argument', () => {
    for (const line of ['run --tags ', 'hosts a.yaml ', 'run --no-such-option=', 'completion bash '])
      assert.deepEqual(offered(line), [], line)
  })

  it('nothing of ours for the command that shell runs, and no options after --', () => {
    assert.deepEqual(offered('shell recovery/compute-1 '), [])
    assert.deepEqual(offered('shell recovery/compute-1 ls --'), [])
    assert.equal(offered('assess -- --'), 'files')
  })
})

it('every placeholder of a value has a kind, and every kind is used', () => {
  const used = withSubcommands(program)
    .filter((command) => command.name() !== 'connect' && command.name() !== 'complete')
    .flatMap(({ options, registeredArguments }) => [
      ...options.filter(({ argChoices }) => argChoices === undefined).map(placeholderOf),
      ...registeredArguments.filter(({ argChoices }) => argChoices === undefined).map((argument) => argument.name()),
    ])
    .filter((placeholder) => placeholder !== undefined)
  assert.deepEqual([...new Set(used)].sort(), Object.keys(kindsOfPlaceholders).sort())
})
