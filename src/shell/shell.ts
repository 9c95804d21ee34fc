import { DrillError } from '../errors.ts'

/** A program and its arguments. Never a string that a shell would split. */
export type Argv = readonly [program: string, ...args: string[]]

/**
 * A POSIX script for the standard input of `sh -eu -s`, with positional arguments that need no quoting. Starting a
 * process takes 100 ms in a guest, so a script is faster than many commands.
 */
export interface Script {
  readonly script: string
  readonly args?: readonly string[]
}

export interface User {
  readonly uid: number
  readonly gid: number
}

export interface CommandOptions {
  /** Run as this user and group, without supplementary groups (`setpriv`). Default: the user of the shell. */
  readonly user?: User
  /** Run as root by `sudo -n`, for a user who may do so without a password. */
  readonly sudo?: boolean
  /** Run in this mount namespace (`nsenter`), e.g. `/proc/1/ns/mnt`. For root only. Default: that of the shell. */
  readonly mountNamespace?: string
  readonly cwd?: string
  /** Variables added to the environment. */
  readonly env?: Readonly<Record<string, string>>
  /** Standard input. Not for scripts, which use it themselves. Default: empty. */
  readonly stdin?: string | Uint8Array
  /** Stops the command. `run` and `try` then reject with the signal's reason. */
  readonly signal?: AbortSignal
  /** Stop the command after this time. Default: 120 000. */
  readonly deadlineMs?: number
  /** Stop the command if it prints nothing for this time. Default: never. */
  readonly stallMs?: number
  /** How long a stopped command may take between SIGTERM and SIGKILL. Default: 2 000. */
  readonly tidyMs?: number
  /** Maximum of each output stream in its result: its beginning. Of longer output, the end follows. Default: 1 MiB. */
  readonly captureBytes?: number
  /** Stop the command if it prints more than this on one stream. Default: 64 MiB. */
  readonly maxOutputBytes?: number
  /** Receives all output as it arrives. */
  readonly onOutput?: (chunk: Uint8Array, stream: 'stdout' | 'stderr') => void
}

/** How a command ended: by itself, by a signal, or because we stopped it at a limit. */
export type Ending = 'exited' | 'signaled' | 'deadline' | 'stalled' | 'flooded'

export interface CommandResult {
  /** The `where` of the shell. */
  readonly where: string
  /** A line that can be pasted into a terminal of the host. */
  readonly command: string
  readonly user?: User
  /** Undefined if it was the shell's own. */
  readonly mountNamespace?: string
  readonly ended: Ending
  /** Null unless `ended` is `exited`. */
  readonly exitCode: number | null
  /** E.g. `SIGKILL`. Null unless `ended` is `signaled`. */
  readonly signal: string | null
  /** Text beyond `captureBytes` is left out, except for the end. A line between has the number of bytes left out. */
  readonly stdout: string
  readonly stderr: string
  readonly durationMs: number
}

/** Runs commands on this machine, in a guest of a lab, or on a host over SSH. Its callers do not know which. */
export interface Shell {
  /** A name for messages: `localhost`, `recovery/compute-1`, `admin@host.example`. */
  readonly where: string
  /** @throws CommandError unless the command exits with 0; ShellError if the shell itself is unusable */
  run(command: Argv | Script, options?: CommandOptions): Promise<CommandResult>
  /** Returns a result, however the command ended. @throws ShellError if the shell itself is unusable */
  try(command: Argv | Script, options?: CommandOptions): Promise<CommandResult>
}

/** A command did not exit with 0. */
export class CommandError extends DrillError {
  readonly result: CommandResult

  constructor(result: CommandResult, cause?: unknown) {
    super('failure', 'command-failed', describeResult(result), { cause })
    this.name = 'CommandError'
    this.result = result
  }
}

/** The shell itself is unusable: the connection is lost or refused. */
export class ShellError extends DrillError {
  readonly where: string

  constructor(where: string, message: string, cause?: unknown, remedy?: string) {
    super('machine', 'shell-lost', `${where}: ${message}`, { cause, ...(remedy !== undefined && { remedy }) })
    this.name = 'ShellError'
    this.where = where
  }
}

/** Returns the result if its command exited with 0. @throws CommandError otherwise */
export function succeeded(result: CommandResult): CommandResult {
  if (result.exitCode !== 0) throw new CommandError(result)
  return result
}

/** Describes a result in a paragraph: how the command ended and where, a line to paste, and the end of its output. */
export function describeResult(result: CommandResult): string {
  const after = `after ${Math.round(result.durationMs / 1000)} s`
  const how: Record<Ending, string> = {
    exited: `exited with ${result.exitCode}`,
    signaled: `was ended by ${result.signal}`,
    deadline: `timed out ${after}`,
    stalled: `stopped printing, and was stopped ${after}`,
    flooded: `printed more than allowed, and was stopped ${after}`,
  }
  const output = (result.stderr.trim() || result.stdout.trim()).split('\n').slice(-20).join('\n')
  return `on ${result.where}, a command ${how[result.ended]}:\n  ${result.command}${output ? `\n${output}` : ''}`
}
