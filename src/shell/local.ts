import { PassThrough, Readable } from 'node:stream'
import { execa, type Result } from 'execa'
import { awaitResult } from './await-result.ts'
import { prepareCommand } from './prepare-command.ts'
import type { Process } from './process.ts'
import {
  type Argv,
  type CommandOptions,
  type CommandResult,
  type Script,
  type Shell,
  ShellError,
  succeeded,
} from './shell.ts'

/** This machine. Each command leads a process group, so that stopping it stops its children. */
export class LocalShell implements Shell {
  readonly where = 'localhost'
  readonly #env: Readonly<Record<string, string>> | undefined

  /** @param env the environment of its commands. Default: that of this process */
  constructor(env?: Readonly<Record<string, string>>) {
    this.#env = env
  }

  async run(command: Argv | Script, options: CommandOptions = {}): Promise<CommandResult> {
    return succeeded(await this.try(command, options))
  }

  async try(command: Argv | Script, options: CommandOptions = {}): Promise<CommandResult> {
    const prepared = prepareCommand(command, options)
    options.signal?.throwIfAborted()
    const process = await start(prepared.argv, this.where, this.#env, options.sudo)
    return awaitResult(process, prepared, this, options)
  }
}

async function start(
  [program, ...args]: Argv,
  where: string,
  env: Readonly<Record<string, string>> | undefined,
  sudo = false,
): Promise<Process> {
  const startedAt = performance.now()
  const options = { detached: true, buffer: false, reject: false, stdin: 'pipe' } as const
  const subprocess = execa(program, args, env === undefined ? options : { ...options, env, extendEnv: false })
  const { pid, stdin, stdout, stderr } = subprocess
  if (pid === undefined) return unstarted(program, startedAt, await subprocess, where)
  return {
    startedAt,
    stdin,
    stdout,
    stderr,
    exit: subprocess.then((result) =>
      result.signal === undefined
        ? { exitCode: result.exitCode ?? 0, signal: null }
        : { exitCode: null, signal: result.signal },
    ),
    kill: async (signal) => (sudo ? signalGroupOfRoot(pid, signal) : signalGroup(pid, signal)),
    abandon: () => {
      stdout.destroy()
      stderr.destroy()
      subprocess.nodeChildProcess.unref()
    },
  }
}

/** The result for a program that cannot start, as on other shells: exit code 127 or 126, and a line that says why. */
function unstarted(program: string, startedAt: number, result: Pick<Result, 'code'>, where: string): Process {
  const known = { ENOENT: [127, 'not found'], EACCES: [126, 'cannot be executed'] } as const
  if (result.code !== 'ENOENT' && result.code !== 'EACCES') {
    throw new ShellError(where, `cannot start ${program} (${result.code})`, result)
  }
  const [exitCode, why] = known[result.code]
  return {
    startedAt,
    stdin: new PassThrough().resume(),
    stdout: Readable.from([]),
    stderr: Readable.from([Buffer.from(`${program}: ${why}\n`)]),
    exit: Promise.resolve({ exitCode, signal: null }),
    kill: async () => {},
    abandon: () => {},
  }
}

function signalGroup(leader: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-leader, signal)
  } catch {
    // The group has ended (ESRCH), or we may not signal it (EPERM, for setuid programs).
  }
}

/** Signals a group that runs by sudo, which accepts signals from root only. */
async function signalGroupOfRoot(leader: number, signal: NodeJS.Signals): Promise<void> {
  const name = signal.slice('SIG'.length)
  await execa('sudo', ['-n', 'kill', `-${name}`, '--', `-${leader}`], { reject: false, stdin: 'ignore' })
}
