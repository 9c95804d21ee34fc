import type { Command } from 'commander'
import { buildProgram } from './program.ts'

/** The program and all of its commands and subcommands, each with what `--help` prints. */
export async function helpOfCommands(): Promise<ReturnType<typeof helpOf>> {
  return helpOf(await buildProgram())
}

/** A program and all of its commands and subcommands, each with what `--help` prints. */
export function helpOf(program: Command): readonly { readonly name: string; readonly help: string }[] {
  return withCommands(program).map((command) => {
    let help = ''
    command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp()
    return { name: pathOf(command), help }
  })
}

function withCommands(command: Command): readonly Command[] {
  const shown = command
    .createHelp()
    .visibleCommands(command)
    .filter((one) => one.name() !== 'help')
  return [command, ...shown.flatMap(withCommands)]
}

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`
}
