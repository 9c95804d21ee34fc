import { InputError } from '../errors.ts'
import { assertPassable, quote, quoteScript } from './quote.ts'
import type { Argv, CommandOptions, Script } from './shell.ts'

/** A command as it is started on a POSIX host. */
export interface PreparedCommand {
  readonly argv: Argv
  /** The whole standard input. */
  readonly stdin: Uint8Array
  /** A line that can be pasted into a terminal. It includes scripts, but no other standard input. */
  readonly command: string
}

/** Linux limits a single argument to 128 KiB, and over SSH the whole line is one argument. */
const maxLineBytes = 120 * 1024

/**
 * Puts sudo, mount namespace, user, directory and environment in front of a command. All but sudo replace themselves with
 * the next part (`exec`), so that a command is one process with one id.
 * @throws InputError for a command that no host can start
 */
export function prepareCommand(
  command: Argv | Script,
  options: Pick<CommandOptions, 'sudo' | 'mountNamespace' | 'user' | 'cwd' | 'env' | 'stdin'> = {},
): PreparedCommand {
  const isScript = 'script' in command
  if (isScript && options.stdin !== undefined)
    throw new InputError('a script cannot have standard input: the script itself is the standard input')

  const inner: Argv = isScript ? ['sh', '-eu', '-s', '--', ...(command.args ?? [])] : command
  const placed = inDirectory(options.cwd, withEnvironment(options.env, startable(inner)))
  const argv = asRoot(options.sudo, inMounts(options.mountNamespace, asUser(options.user, placed)))
  const line = quote(argv)
  if (Buffer.byteLength(line) > maxLineBytes) {
    const remedy = 'Pass long text on standard input, or in a script.'
    throw new InputError(`the command line is longer than ${maxLineBytes} bytes: ${line.slice(0, 200)} …`, { remedy })
  }
  return isScript
    ? { argv, command: quoteScript(argv, command), stdin: Buffer.from(wholeOrNothing(command.script)) }
    : { argv, command: line, stdin: Buffer.from(options.stdin ?? '') }
}

/**
 * Makes a script one group, which a shell reads to its end before it runs the first line. So an incomplete script (after
 * a lost connection) never runs, and a command in it that reads standard input finds it empty.
 */
function wholeOrNothing(script: string): string {
  return `{ : ; ${script}\n}\n`
}

function startable(argv: Argv): Argv {
  const [program] = argv
  if (program === '' || program === undefined) throw new InputError('the command has no program')
  if (program.startsWith('-'))
    throw new InputError(`the name of the program starts with a dash: ${program}`, {
      remedy: 'Give the path of the program.',
    })
  return argv
}

function withEnvironment(env: CommandOptions['env'], argv: Argv): Argv {
  const entries = Object.entries(env ?? {})
  if (entries.length === 0) return argv
  if (argv[0].includes('='))
    throw new InputError(`the name of the program contains "=", so env cannot run it: ${argv[0]}`)
  for (const [name, value] of entries) {
    if (!/^[A-Za-z_]\w*$/.test(name)) throw new InputError(`${JSON.stringify(name)} is not a valid name of a variable`)
    assertPassable(value, `the variable ${name}`)
  }
  return ['env', ...entries.map(([name, value]) => `${name}=${value}`), ...argv]
}

/** Uses `sh`, because hosts in use have a coreutils older than 8.28, without `env --chdir`. */
function inDirectory(cwd: string | undefined, argv: Argv): Argv {
  if (cwd === undefined) return argv
  if (!cwd.startsWith('/'))
    throw new InputError(`the working directory must be an absolute path, not ${JSON.stringify(cwd)}`)
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
    if (!Number.isInteger(id) || id < 0 || id > 0xff_ff_ff_fe)
      throw new InputError(`${id} is not a valid user or group id`)
  }
  return ['setpriv', '--reuid', `${user.uid}`, '--regid', `${user.gid}`, '--clear-groups', '--', ...argv]
}
