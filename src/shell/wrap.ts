import { InputError } from '../errors.ts'
import { assertPassable, quote, quoteScript } from './quote.ts'
import type { Argv, CommandOptions, Script } from './shell.ts'

/** What is really started on a POSIX host. */
export interface Invocation {
  readonly argv: Argv
  /** All of its standard input. */
  readonly stdin: Uint8Array
  /** Can be pasted into a terminal. Of standard input it shows scripts only. */
  readonly command: string
}

/** Linux takes no single argument over 128 KiB, and over SSH the whole line is one. */
const maxLineBytes = 120 * 1024

/**
 * Puts sudo, mount namespace, user, directory and environment in front of a command. Every part but sudo replaces itself
 * with the next one (`exec`), so a command stays one process with one id.
 * @throws InputError for what cannot be started on any host
 */
export function wrap(
  command: Argv | Script,
  options: Pick<CommandOptions, 'sudo' | 'mountNamespace' | 'user' | 'cwd' | 'env' | 'stdin'> = {},
): Invocation {
  const isScript = 'script' in command
  if (isScript && options.stdin !== undefined) throw new InputError('a script has no standard input: it is the script')

  const inner: Argv = isScript ? ['sh', '-eu', '-s', '--', ...(command.args ?? [])] : command
  const placed = inDirectory(options.cwd, withEnvironment(options.env, startable(inner)))
  const argv = asRoot(options.sudo, inMounts(options.mountNamespace, asUser(options.user, placed)))
  const line = quote(argv)
  if (Buffer.byteLength(line) > maxLineBytes) {
    const remedy = 'Pass it on standard input, or as a script.'
    throw new InputError(`a command line of more than ${maxLineBytes} bytes: ${line.slice(0, 200)} …`, { remedy })
  }
  return isScript
    ? { argv, command: quoteScript(argv, command), stdin: Buffer.from(wholeOrNothing(command.script)) }
    : { argv, command: line, stdin: Buffer.from(options.stdin ?? '') }
}

/**
 * A shell runs its standard input line by line. As one group it is read to its end before the first line runs, so
 * half a script (a lost connection) never runs, and a command in it that reads its input finds it empty.
 */
function wholeOrNothing(script: string): string {
  return `{ : ; ${script}\n}\n`
}

function startable(argv: Argv): Argv {
  const [program] = argv
  if (program === '' || program === undefined) throw new InputError('a command without a program')
  if (program.startsWith('-')) throw new InputError(`a program's name starts with a dash: ${program}; give its path`)
  return argv
}

function withEnvironment(env: CommandOptions['env'], argv: Argv): Argv {
  const entries = Object.entries(env ?? {})
  if (entries.length === 0) return argv
  if (argv[0].includes('=')) throw new InputError(`env takes this program's name for a variable: ${argv[0]}`)
  for (const [name, value] of entries) {
    if (!/^[A-Za-z_]\w*$/.test(name)) throw new InputError(`not the name of a variable: ${JSON.stringify(name)}`)
    assertPassable(value, `the variable ${name}`)
  }
  return ['env', ...entries.map(([name, value]) => `${name}=${value}`), ...argv]
}

/** By `sh`, because `env --chdir` is younger (coreutils 8.28) than hosts that are still in use. */
function inDirectory(cwd: string | undefined, argv: Argv): Argv {
  if (cwd === undefined) return argv
  if (!cwd.startsWith('/')) throw new InputError(`a working directory must be an absolute path: ${JSON.stringify(cwd)}`)
  return ['sh', '-c', 'cd "$0" || exit 125; exec "$@"', cwd, ...argv]
}

function asRoot(sudo: CommandOptions['sudo'], argv: Argv): Argv {
  return sudo === true ? ['sudo', '-n', '--', ...argv] : argv
}

function inMounts(namespace: CommandOptions['mountNamespace'], argv: Argv): Argv {
  return namespace === undefined ? argv : ['nsenter', `--mount=${namespace}`, '--', ...argv]
}

function asUser(user: CommandOptions['user'], argv: Argv): Argv {
  if (user === undefined) return argv
  for (const id of [user.uid, user.gid]) {
    if (!Number.isInteger(id) || id < 0 || id > 0xff_ff_ff_fe) throw new InputError(`not a user or group id: ${id}`)
  }
  return ['setpriv', '--reuid', `${user.uid}`, '--regid', `${user.gid}`, '--clear-groups', '--', ...argv]
}
