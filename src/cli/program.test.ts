import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Command } from 'commander'
import { commandGroups, completion } from './commands.ts'
import { buildProgram } from './program.ts'

const helpOf = (program: Command, name: string) =>
  program.commands.find((command) => command.name() === name)?.helpInformation()

describe('the program of a command line', () => {
  it('has the options of the commands that the line names, wherever it does', async () => {
    const all = await buildProgram()
    for (const words of [['plan'], ['--debug', 'plan', 'x'], ['help', 'plan'], ['complete', 'plan', '--']])
      assert.equal(helpOf(await buildProgram(words), 'plan'), helpOf(all, 'plan'), words.join(' '))
    assert.notEqual(helpOf(await buildProgram(['check']), 'plan'), helpOf(all, 'plan'))
  })

  it('has no options of a command whose name is also that of a subcommand', async () => {
    const all = await buildProgram()
    const program = await buildProgram(['evidence', 'verify', 'pack.tar'])
    assert.equal(helpOf(program, 'evidence'), helpOf(all, 'evidence'))
    assert.notEqual(helpOf(program, 'verify'), helpOf(all, 'verify'))
  })

  it('lists every command in its help', async () => {
    assert.equal((await buildProgram([])).helpInformation(), (await buildProgram()).helpInformation())
  })

  for (const { name, load } of [...Object.values(commandGroups).flat(), completion])
    it(`loads ${name} under this name`, async () => assert.equal((await load()).name(), name))
})
