import { type Command, CommanderError } from 'commander'
import { describeError, exitCodeFor } from './failure.ts'

/** Runs a command line as the whole program: prints its error, and sets the exit code of the process. */
export async function runProgram(program: Command): Promise<void> {
  // A reader that closes the pipe early, e.g. `head`, has seen enough.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit()
    throw error
  })
  // Commander would end the process by itself, with an exit code of its own.
  for (const command of withSubcommands(program)) command.exitOverride().showHelpAfterError('(see --help)')
  try {
    await program.parseAsync()
  } catch (error) {
    process.exitCode = exitCodeFor(error)
    // Commander has printed its message already.
    if (!(error instanceof CommanderError)) {
      const isDebug = isDebugAsked(program) || Boolean(process.env['DR_DRILL_DEBUG'])
      process.stderr.write(`${describeError(error, isDebug)}\n`)
    }
  }
}

/** The command and all commands below it. */
export function withSubcommands(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)]
}

/** True if `--debug` was typed, before or after the command. */
function isDebugAsked(program: Command): boolean {
  return withSubcommands(program).some((command) => command.opts<{ debug?: true }>().debug === true)
}
