/**
 * The kind of an error, which decides the exit code (see `exitCodeOfError`):
 * - `input`: the user's input is wrong, and nothing was started (exit code 2)
 * - `machine`: the engine, a guest, memory, the disk or a connection failed, and nothing can be judged (exit code 3)
 * - `failure`: an action failed, or a result is not as specified (exit code 1)
 * - `interrupted`: the user interrupted the run (exit code 130)
 */
export type Blame = 'input' | 'machine' | 'failure' | 'interrupted'

export interface DrillErrorOptions {
  readonly cause?: unknown
  /** What to do about it: one imperative sentence, or one command. */
  readonly remedy?: string
}

/** The base of all errors that dr-drill throws on purpose. Each has a literal `code`, a blame, and often a remedy. */
export class DrillError extends Error {
  readonly code: string
  readonly blame: Blame
  readonly remedy: string | undefined

  constructor(blame: Blame, code: string, message: string, options: DrillErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'DrillError'
    this.blame = blame
    this.code = code
    this.remedy = options.remedy
  }
}

/** The user's input is wrong. The message names the value and where it is. */
export class InputError extends DrillError {
  constructor(message: string, options: DrillErrorOptions = {}) {
    super('input', 'bad-input', message, options)
    this.name = 'InputError'
  }
}

/** The engine, a guest or this machine failed: nothing can be judged. */
export class MachineError extends DrillError {
  constructor(code: string, message: string, options: DrillErrorOptions = {}) {
    super('machine', code, message, options)
    this.name = 'MachineError'
  }
}

/** Returns the message with its remedy on the next line, if it has one. */
export function withRemedy({
  message,
  remedy,
}: {
  readonly message: string
  readonly remedy?: string | undefined
}): string {
  return remedy === undefined ? message : `${message}\n  ${remedy}`
}
