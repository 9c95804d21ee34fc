import { PassThrough, Readable } from 'node:stream'
import { execa, type Result } from 'execa'
import { observe, type Place } from './observe.ts'
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
import { wrap } from './wrap.ts'

export type LocalOptions = Pick<Place, 'overflowFolder'>

/** This machine. Every command is the leader of a process group of its own, so that stopping it stops its children. */
export class LocalShell implements Shell {
  readonly where = 'localhost'
  readonly #options: LocalOptions

  constructor(options: LocalOptions = {}) {
    this.#options = options
  }

  async run(command: Argv | Script, options: CommandOptions = {}): Promise<CommandResult> {
    return succeeded(await this.try(command, options))
  }

  async try(command: Argv | Script, options: CommandOptions = {}): Promise<CommandResult> {
    const invocation = wrap(command, options)
    options.signal?.throwIfAborted()
    const process = await start(invocation.argv, this.where, options.sudo)
    return observe(process, invocation, { where: this.where, ...this.#options }, options)
  }
}

async function start([program, ...args]: Argv, where: string, sudo = false): Promise<Process> {
  const startedAt = performance.now()
  const subprocess = execa(program, args, { detached: true, buffer: false, reject: false, stdin: 'pipe' })
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

/** A program that cannot be started is a result like on any other shell: exit code 127 or 126, and a line that tells. */
function unstarted(program: string, startedAt: number, result: Pick<Result, 'code'>, where: string): Process {
  const known = { ENOENT: [127, 'not found'], EACCES: [126, 'cannot be executed'] } as const
  if (result.code !== 'ENOENT' && result.code !== 'EACCES') {
    throw new ShellError(where, `${program} could not be started (${result.code})`, result)
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
    // There is nobody left in the group (ESRCH), or nobody that we may signal (EPERM: setuid programs).
  }
}

/** What runs by sudo takes signals from root only. */
async function signalGroupOfRoot(leader: number, signal: NodeJS.Signals): Promise<void> {
  const name = signal.slice('SIG'.length)
  await execa('sudo', ['-n', 'kill', `-${name}`, '--', `-${leader}`], { reject: false, stdin: 'ignore' })
}
