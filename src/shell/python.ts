import { MachineError } from '../errors.ts'
import { type Argv, type CommandResult, succeeded } from './shell.ts'

/**
 * The system's Python, isolated: it takes no modules from the current folder (which may be a share), from variables or
 * from users. Another Python in PATH may belong to a single user. Names of files are UTF-8 in every locale.
 */
const isolated = ['/usr/bin/python3', '-I', '-S', '-X', 'utf8'] as const

/** Runs the program on standard input. */
export const python: Argv = [...isolated, '-']

/** Runs the program in the next argument. */
export const pythonLine: Argv = [...isolated, '-c']

const unforeseenExitCode = 70
const mark = 'dr-drill: '

/**
 * Python code that a program begins with. An exception that nothing handles becomes one sentence and an exit code of its
 * own. `programSucceeded` knows both.
 */
export const guard = `import sys
def _unforeseen(kind, value, trace):
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = "" if trace is None else " in line %d of %s" % (trace.tb_lineno, trace.tb_frame.f_code.co_filename)
    try:
        why = ascii(str(value)[:500])[1:-1]
    except Exception:
        why = ""
    sys.stdout.flush()
    sys.stderr.write("${mark}%s%s%s\\n" % (kind.__name__, where, why and ": " + why))
    sys.exit(${unforeseenExitCode})
sys.excepthook = _unforeseen
`

/** A program of dr-drill on a host ended by an exception that it does not handle: nothing is known of what it was to do. */
export class HostProgramError extends MachineError {
  readonly result: CommandResult

  constructor(result: CommandResult, sentence: string) {
    super('host-program', `${result.where}: a program of dr-drill ended unexpectedly: ${sentence}`, {
      remedy: 'Run again. If it happens again, report it as a bug of dr-drill.',
    })
    this.name = 'HostProgramError'
    this.result = result
  }
}

/**
 * Returns the result of a Python program that exited with 0.
 * @throws HostProgramError if an exception ended it, CommandError for any other ending
 */
export function programSucceeded(result: CommandResult): CommandResult {
  const line = result.stderr.split('\n').findLast((one) => one.startsWith(mark))
  if (result.exitCode === unforeseenExitCode && line !== undefined)
    throw new HostProgramError(result, line.slice(mark.length))
  return succeeded(result)
}
