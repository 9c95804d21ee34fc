import { DrillError } from '../errors.ts'

/** A program and its arguments. Never a string that a shell would take apart. */
export type Argv = readonly [program: string, ...args: string[]]

/**
 * A batch: a POSIX script fed to `sh -eu -s` on standard input (a process start costs 100 ms in a guest, so
 * batches are one process instead of many), with positional arguments that need no quoting.
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
  /** Run as this user and group, without supplementary groups (`setpriv`); default: whoever the shell is. */
  readonly user?: User
  /** Run by `sudo -n`: as root, where whoever the shell is may become root without a password. */
  readonly sudo?: boolean
  /** Run in this mount namespace (`nsenter`), a file like `/proc/1/ns/mnt`; default: the shell's own. For root only. */
  readonly mountNamespace?: string
  readonly cwd?: string
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>
  /** Fed to standard input, which is empty otherwise. Not for scripts: theirs is taken. */
  readonly stdin?: string | Uint8Array
  /** Ends the command; `run` and `try` then reject with the signal's reason. */
  readonly signal?: AbortSignal
  /** The command is stopped after so long. Default 120 000. */
  readonly deadlineMs?: number
  /** The command is stopped when it has printed nothing for so long. Default: never. */
  readonly stallMs?: number
  /** What it gets to end in an orderly way when it is stopped (SIGTERM), before it is ended. Default 2 000. */
  readonly tidyMs?: number
  /** How much of each output stream is kept in memory; the rest is in `overflow`, or was taken by `onOutput`. Default 1 MiB. */
  readonly captureBytes?: number
  /** Sees all output as it arrives. */
  readonly onOutput?: (chunk: Uint8Array, stream: 'stdout' | 'stderr') => void
}

/** How a command came to its end: by itself, by a signal, or stopped by one of our limits. */
export type Ending = 'exited' | 'signalled' | 'deadline' | 'stalled'

export interface CommandResult {
  /** The `where` of the shell. */
  readonly where: string
  /** Can be pasted into a terminal there. */
  readonly command: string
  readonly user?: User
  /** Undefined if it was the shell's own. */
  readonly mountNamespace?: string
  readonly ended: Ending
  /** null unless `ended` is `exited`. */
  readonly exitCode: number | null
  /** e.g. `SIGKILL`; null unless `ended` is `signalled`. */
  readonly signal: string | null
  readonly stdout: string
  readonly stderr: string
  /** Files on this machine with the whole of an output stream that went over `captureBytes`. */
  readonly overflow?: { readonly stdout?: string; readonly stderr?: string }
  readonly durationMs: number
}

/** Whatever runs commands: this machine, a lab's guest, a host over SSH. Who uses it does not know which. */
export interface Shell {
  /** A name for messages: `localhost`, `recovery/compute-1`, `admin@host.example`. */
  readonly where: string
  /** @throws CommandError unless the command exits with 0; ShellError when the shell itself is unusable */
  run(command: Argv | Script, options?: CommandOptions): Promise<CommandResult>
  /** Any ending is a result. @throws ShellError when the shell itself is unusable (connection lost …) */
  try(command: Argv | Script, options?: CommandOptions): Promise<CommandResult>
}

/** A command did not exit with 0. Has the shape of its result. */
export class CommandError extends DrillError {
  readonly result: CommandResult

  constructor(result: CommandResult, cause?: unknown) {
    super('failure', 'command-failed', describe(result), { cause })
    this.name = 'CommandError'
    this.result = result
  }
}

/** The shell itself is unusable: no such program as ssh's peer, connection lost, refused. */
export class ShellError extends DrillError {
  readonly where: string

  constructor(where: string, message: string, cause?: unknown, remedy?: string) {
    super('machine', 'shell-lost', `${where}: ${message}`, { cause, ...(remedy !== undefined && { remedy }) })
    this.name = 'ShellError'
    this.where = where
  }
}

/** The result, if its command exited with 0. @throws CommandError otherwise */
export function succeeded(result: CommandResult): CommandResult {
  if (result.exitCode !== 0) throw new CommandError(result)
  return result
}

/** One paragraph: how it ended, where, the line to paste, and the end of what it printed. */
export function describe(result: CommandResult): string {
  const after = `after ${Math.round(result.durationMs / 1000)} s`
  const how: Record<Ending, string> = {
    exited: `exited with ${result.exitCode}`,
    signalled: `was ended by ${result.signal}`,
    deadline: `was stopped at its deadline ${after}`,
    stalled: `printed nothing for too long and was stopped ${after}`,
  }
  const output = (result.stderr.trim() || result.stdout.trim()).split('\n').slice(-20).join('\n')
  return `on ${result.where} a command ${how[result.ended]}:\n  ${result.command}${output ? `\n${output}` : ''}`
}
