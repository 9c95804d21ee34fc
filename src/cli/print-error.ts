import type { Command, CommanderError } from 'commander'
import { DrillError, lackOfResources } from '../errors.ts'
import { invocation } from '../localhost/invocation.ts'
import { exitCodeOfError } from '../run/exit-code.ts'
import { printableLines } from '../text/printable.ts'
import { plainStyle, type Style, styleOf } from '../text/style.ts'

/** Set by `--debug`, and inherited by every process that this one starts. */
export const debugVariable = 'DR_DRILL_DEBUG'

const isDebug = (): boolean => !['', '0'].includes(process.env[debugVariable] ?? '')

/** The end of a command by Commander: for a wrong command line, or after `--help` and `--version`. */
export class UsageEnd extends Error {
  readonly command: Command
  /** True after `--help` and `--version`. */
  readonly isAskedFor: boolean
  /** True if Commander has printed the help of the command as its message. */
  readonly isHelp: boolean

  constructor(command: Command, { code, exitCode, message }: CommanderError) {
    super(plainMessage(message))
    this.name = 'UsageEnd'
    this.command = command
    this.isAskedFor = exitCode === 0
    this.isHelp = code === 'commander.help'
  }
}

/** The exit code for an error that ended a command. */
export function exitCodeFor(error: unknown): number {
  if (error instanceof UsageEnd) return error.isAskedFor ? 0 : 2
  return exitCodeOfError(error)
}

/** Prints an error that ended a command to standard error. */
export function printError(thrown: unknown): void {
  const error = lackOfResources(thrown) ?? thrown
  if (error instanceof UsageEnd && (error.isAskedFor || error.isHelp)) return
  process.stderr.write(`${describeError(error, { isDebug: isDebug(), style: styleOf(process.stderr) })}\n`)
}

export interface DescribeErrorOptions {
  readonly isDebug?: boolean
  readonly style?: Style
}

/** `dr-drill: MESSAGE`, the remedy beneath it, and with `isDebug` the stacks of the error and of all its causes. */
export function describeError(
  error: unknown,
  { isDebug = false, style = plainStyle }: DescribeErrorOptions = {},
): string {
  const remedy = remedyOf(error, isDebug)
  const message = error instanceof Error ? error.message : String(error)
  return [
    // Further lines are indented, so that a name with a line break cannot look like another message.
    `${style.paint('bad', 'dr-drill:')} ${printableLines(message).replaceAll('\n', '\n  ')}`,
    ...(remedy === undefined
      ? []
      : printableLines(remedy)
          .split('\n')
          .map((line) => `  ${line}`)),
    ...(isDebug ? [style.paint('quiet', printableLines(stackOf(error)))] : []),
  ].join('\n')
}

function remedyOf(error: unknown, isDebug: boolean): string | undefined {
  if (error instanceof UsageEnd) return `See ${pathOf(error.command)} --help.`
  if (error instanceof DrillError) return error.remedy
  const again = isDebug ? undefined : 'Run again with --debug for a stack trace.'
  // Errors of the system, e.g. for a full disk, are not bugs.
  if (error instanceof Error && 'syscall' in error) return again
  return ['This is a bug in dr-drill.', again].filter((sentence) => sentence !== undefined).join(' ')
}

/** Returns how to call a command, e.g. `npx dr-drill lab up`. */
function pathOf(command: Command): string {
  if (command.parent) return `${pathOf(command.parent)} ${command.name()}`
  return command.name() === 'dr-drill' ? invocation : command.name()
}

/** Removes the prefix of Commander's message, and puts its suggestion in the same line. */
function plainMessage(message: string): string {
  return message.replace(/^error: /, '').replace(/\n\(Did you mean (.+)\?\)$/, ' (did you mean $1?)')
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const causes: unknown[] = error.cause === undefined ? [] : [error.cause]
  // Node 20, which runs init, has no SuppressedError.
  if (typeof SuppressedError !== 'undefined' && error instanceof SuppressedError)
    causes.push(error.error, error.suppressed)
  if (error instanceof AggregateError) causes.push(...error.errors)
  return [error.stack ?? error.message, ...causes.map((cause) => `caused by ${stackOf(cause)}`)].join('\n')
}
