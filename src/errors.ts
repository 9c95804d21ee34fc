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

/** Resources that a machine can lack, by the codes of system errors. */
const exhausted: Readonly<Record<string, readonly [what: string, remedy: string]>> = {
  EMFILE: ['too many files are open', 'Raise the limit: ulimit -n 4096'],
  ENFILE: ['too many files are open on this machine', 'Raise fs.file-max, or end other programs.'],
  ENOMEM: ['no memory is left', 'Free memory, or run less at the same time.'],
  EAGAIN: ['no process can be started', 'Raise the limit: ulimit -u'],
  ENOSPC: ['the disk is full', 'Free disk space.'],
  EDQUOT: ['the disk quota is used up', 'Free disk space.'],
  ERR_WORKER_OUT_OF_MEMORY: ['no memory is left', 'Free memory, or run less at the same time.'],
}

/** Returns a MachineError if this machine lacks something that the error, or one of its causes, needed. */
export function lackOfResources(error: unknown): MachineError | undefined {
  for (let one = error; one instanceof Error; one = one.cause) {
    const { code } = one as NodeJS.ErrnoException
    const lack = code === undefined ? undefined : exhausted[code]
    // A pipe or socket that is full for a moment has the same code as a process that cannot be started.
    if (lack === undefined || (code === 'EAGAIN' && !/^spawn/.test((one as NodeJS.ErrnoException).syscall ?? '')))
      continue
    const [what, remedy] = lack
    const message = (error as Error).message
    return new MachineError('no-resources', message.includes(what) ? message : `${what}: ${message}`, {
      cause: error,
      remedy,
    })
  }
  return undefined
}
