import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Command } from 'commander'
import { buildProgram } from './program.ts'

const shown = (command: Command): readonly Command[] =>
  command
    .createHelp()
    .visibleCommands(command)
    .filter((one) => one.name() !== 'help')

const program = buildProgram()
for (const command of [program, ...shown(program), ...shown(program).flatMap(shown)])
  it(`has examples and exit codes: ${command.name()} --help`, () => {
    let help = ''
    command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp()
    assert.match(help, /^Examples:\n {2}\$ /m)
    assert.match(help, /^Exit codes: 0|^Exit codes: those/m)
  })
