import type { Command } from 'commander'
import { debugVariable, exitCodeFor, printError, UsageEnd } from './print-error.ts'

/** Runs a command line as the whole program: prints its error, and sets the exit code of the process. */
export async function runProgram(program: Command): Promise<void> {
  // A reader like `head` closes the pipe when it has read enough.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit()
    throw error
  })
  process.on('uncaughtException', (error) => {
    // Cucumber listens as well while a step runs, and reports the error as the failure of the step.
    if (process.listenerCount('uncaughtException') > 1) return
    printError(error)
    process.exit(exitCodeFor(error))
  })
  try {
    await parse(program, process.argv.slice(2))
  } catch (error) {
    printError(error)
    process.exitCode = exitCodeFor(error)
  }
}

/** Parses and runs a command line. @throws UsageEnd for a wrong command line, and after `--help` and `--version` */
export async function parse(program: Command, args: readonly string[]): Promise<void> {
  for (const command of withSubcommands(program)) {
    command
      .exitOverride((error) => {
        throw new UsageEnd(command, error)
      })
      // The error that is thrown holds the message.
      .configureOutput({ outputError: () => {} })
      .on('option:debug', () => {
        process.env[debugVariable] = '1'
      })
      .on('option:no-color', () => {
        process.env['NO_COLOR'] = '1'
        // Node warns about a process that has both.
        delete process.env['FORCE_COLOR']
      })
  }
  await program.parseAsync(args, { from: 'user' })
}

/** The command and all commands below it. */
export function withSubcommands(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)]
}
