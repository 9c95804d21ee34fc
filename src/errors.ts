/**
 * What went wrong, in the terms of the exit code it leads to (see `exitCodeOfError`):
 * - `input`: the user's input is wrong; found before anything is started (exit 2)
 * - `machine`: engine, guest, memory, disk, a lost connection: nothing can be judged (exit 3)
 * - `failure`: what was tried did not work or is not as specified (exit 1)
 * - `interrupted`: the user stopped it (exit 130)
 */
export type Blame = 'input' | 'machine' | 'failure' | 'interrupted'

export interface DrillErrorOptions {
  readonly cause?: unknown
  /** What the reader can do next: one sentence, or a line to paste into a terminal. */
  readonly remedy?: string
}

/** Root of the error family: every error that dr-drill throws on purpose has a literal `code` and somebody to blame. */
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

/** The user's input is wrong: `what` names the offending thing. */
export class InputError extends DrillError {
  constructor(message: string, options: DrillErrorOptions = {}) {
    super('input', 'bad-input', message, options)
    this.name = 'InputError'
  }
}

/** The engine, a guest or this machine does not do what it must: nothing can be judged. */
export class MachineError extends DrillError {
  constructor(code: string, message: string, options: DrillErrorOptions = {}) {
    super('machine', code, message, options)
    this.name = 'MachineError'
  }
}

/** What failed, with what to do about it on the next line. */
export function withRemedy({
  message,
  remedy,
}: {
  readonly message: string
  readonly remedy?: string | undefined
}): string {
  return remedy === undefined ? message : `${message}\n  ${remedy}`
}
