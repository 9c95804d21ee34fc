import { CommanderError } from 'commander'
import { DrillError } from '../errors.ts'
import { exitCodeOf } from '../run/exit-code.ts'

/** The exit code for whatever ended a command. What Commander finds wrong is the user's input. */
export function exitCodeFor(error: unknown): number {
  if (!(error instanceof CommanderError)) return exitCodeOf(error)
  // "commander.help" is no command at all, which is wrong too; `--help` and `--version` are asked for.
  return error.exitCode === 0 ? 0 : 2
}

/** What a person is told: what is wrong and what can be done; where in the source only when it is asked for. */
export function describeError(error: unknown, isDebug: boolean): string {
  if (!(error instanceof Error)) return `dr-drill: ${String(error)}`
  const { remedy } =
    error instanceof DrillError ? error : { remedy: 'this is a fault of dr-drill; --debug shows where' }
  const lines = [`dr-drill: ${error.message}`]
  if (remedy !== undefined) lines.push(`  ${remedy}`)
  if (isDebug) lines.push(stackOf(error))
  return lines.join('\n')
}

function stackOf(error: Error): string {
  const stack = error.stack ?? ''
  return error.cause instanceof Error ? `${stack}\ncaused by ${stackOf(error.cause)}` : stack
}
