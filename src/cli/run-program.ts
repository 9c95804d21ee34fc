import { setImmediate } from 'node:timers/promises'
import type { Command } from 'commander'
import { interruptedBy, listenToSignals } from '../run/interrupts.ts'
import { listenToOutput, outputClosed } from './output-end.ts'
import { guardOutput } from './output-guard.ts'
import { debugVariable, exitCodeFor, printError, UsageEnd } from './print-error.ts'

/** Runs a command line as the whole program: prints its error, and sets the exit code of the process. */
export async function runProgram(program: Command): Promise<void> {
  listenToSignals()
  listenToOutput()
  guardOutput(process.stdout)
  guardOutput(process.stderr)
  process.on('uncaughtException', (error) => {
    // Cucumber listens as well while a step runs, and reports the error as the failure of the step.
    if (process.listenerCount('uncaughtException') > 1) return
    printError(error)
    process.exit(exitCodeFor(error))
  })
  try {
    await parse(program, process.argv.slice(2))
    // A file that takes no more of the output is noticed after the write.
    await setImmediate()
    // A result stays true without a reader.
    if (interruptedBy()?.code !== outputClosed) endInterrupted()
  } catch (error) {
    if (endInterrupted()) return
    printError(error)
    process.exitCode = exitCodeFor(error)
  }
}

/** Sets the exit code of a process that was interrupted. What it reported in the meantime may be incomplete. */
function endInterrupted(): boolean {
  const error = interruptedBy()
  if (error === undefined) return false
  const exitCode = exitCodeFor(error)
  // Commands with this exit code have reported it.
  if (error.code !== outputClosed && process.exitCode !== exitCode) printError(error)
  process.exitCode = exitCode
  // A connection or a timer that is still open must not keep it from exiting.
  setTimeout(() => process.exit(), 2000).unref()
  return true
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
