import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { constants } from 'node:os'
import { abortable } from '../concurrency/abortable.ts'
import { Semaphore } from '../concurrency/semaphore.ts'
import { MarkedOutput } from './marked-output.ts'
import { observe } from './observe.ts'
import { connectDeadlineMs, OpensshMaster, type OpensshOptions } from './openssh-master.ts'
import { type Exit, graceMs, type Process, settledWithin } from './process.ts'
import { quote } from './quote.ts'
import { killLine } from './remote-process.ts'
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

export type { OpensshOptions } from './openssh-master.ts'

/** Servers allow ten sessions a connection by default: one is the connection's own, one is free for stopping commands. */
const maxCommands = 8

/**
 * A host over OpenSSH's own client, which honours `~/.ssh/config`, `ssh-agent` and `known_hosts` as its user knows them:
 * one connection, made when it is first needed and shared by all commands. Like `SshShell`, a command that has not begun
 * when the connection turns out to be lost is started over a new one, once; one that has begun is never run again.
 *
 * A shell tells 128 + n for a program that signal n ended, so a program that exits with such a code by itself is taken
 * for one that was signalled.
 */
export class OpensshShell implements Shell, AsyncDisposable {
  readonly where: string
  readonly #options: OpensshOptions
  readonly #commands = new Semaphore(maxCommands)
  readonly #masters = new Set<OpensshMaster>()
  #current: Promise<OpensshMaster> | undefined
  #isClosed = false

  constructor(options: OpensshOptions) {
    this.where = options.where
    this.#options = options
  }

  async run(command: Argv | Script, options: CommandOptions = {}): Promise<CommandResult> {
    return succeeded(await this.try(command, options))
  }

  async try(command: Argv | Script, options: CommandOptions = {}): Promise<CommandResult> {
    const invocation = wrap(command, options)
    using _slot = await this.#commands.acquire(options.signal)
    for (let attempt = 1; ; attempt++) {
      const master = await this.#connected(options.signal)
      using _use = master.use()
      const started = await this.#start(master, invocation.argv, options).catch((cause: Error) => {
        options.signal?.throwIfAborted()
        this.#retire(master)
        if (attempt < 2) return undefined
        throw new ShellError(this.where, `no command can be started: ${cause.message}`, cause)
      })
      if (started === undefined) continue
      const exit = started.exit.catch((cause: Error) => {
        throw new ShellError(this.where, `${cause.message}: ${invocation.command}`, cause)
      })
      return await observe({ ...started, exit }, invocation, this.#options, options)
    }
  }

  /** Closes the connection. Commands that still run are not stopped by that: abort them first. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true
    await this.#current?.catch(() => undefined)
    await Promise.all([...this.#masters].map((master) => master.close()))
  }

  async #connected(signal: AbortSignal | undefined): Promise<OpensshMaster> {
    if (this.#isClosed) throw new ShellError(this.where, 'the connection was closed by us')
    if (this.#current === undefined) {
      const opening = OpensshMaster.connect(this.#options, undefined)
      this.#current = opening
      opening.then(
        (master) => {
          this.#masters.add(master)
          master.closed.then(() => {
            this.#masters.delete(master)
            if (this.#current === opening) this.#current = undefined
          })
        },
        () => {
          if (this.#current === opening) this.#current = undefined
        },
      )
    }
    return abortable(this.#current, signal)
  }

  #retire(master: OpensshMaster): void {
    void this.#current?.then((current) => {
      if (current === master) this.#current = undefined
    })
    this.#current = undefined
    master.retire()
  }

  /** @throws when it is certain that the command has not begun */
  async #start(master: OpensshMaster, argv: Argv, options: CommandOptions): Promise<Process> {
    const marker = `dr-drill-${randomUUID()}`
    const client = master.spawnClient(markedLine(argv, marker))
    const late = AbortSignal.timeout(this.#options.deadlineMs ?? connectDeadlineMs)
    const exited = new Promise<void>((resolve) => client.once('close', () => resolve()))
    try {
      const signal = AbortSignal.any(options.signal === undefined ? [late] : [late, options.signal])
      const { pid, rest } = await abortable(readPid(client, marker), signal)
      const startedAt = performance.now()
      client.stdin.write('go\n')
      const stderr = new MarkedOutput(`${marker}-end`)
      stderr.write(rest)
      client.stderr.pipe(stderr)
      const closed = new Promise<void>((resolve) => stderr.once('close', resolve))
      const exit = exited.then(async () => {
        // Its last word is there when its standard error has been read to the end.
        await settledWithin(graceMs, closed)
        return exitOf(stderr.exitCode, master)
      })
      exit.catch(() => {})
      return {
        startedAt,
        stdin: client.stdin,
        stdout: client.stdout,
        stderr,
        exit,
        kill: (name) => master.signal(killLine(pid, name, options.sudo)),
        abandon: () => {
          client.kill('SIGKILL')
          this.#retire(master)
        },
      }
    } catch (reason) {
      client.kill('SIGKILL')
      throw reason
    }
  }
}

/**
 * The line for the login shell: it tells its process id (which is the group's) and waits for a go, so that who started
 * it knows whether the command began, and whom to stop; afterwards it tells how the command ended, which ssh's exit code
 * (255 for a lost connection, a signal and a 255) does not. What it would say itself of a signal is not the command's.
 */
function markedLine(argv: Argv, marker: string): string {
  const begin = `echo ${marker} $$ >&2; read -r go || exit 125`
  return `${begin}; exec 3>&2 2>/dev/null; ${quote(argv)} 2>&3 3>&-; echo ${marker}-end $? >&3`
}

/** What a login shell prints of its own before is dropped. */
function readPid(
  client: ChildProcessWithoutNullStreams,
  marker: string,
): Promise<{ readonly pid: number; readonly rest: Buffer }> {
  return new Promise((resolve, reject) => {
    let seen = Buffer.alloc(0)
    const read = (chunk: Buffer) => {
      seen = Buffer.concat([seen, chunk])
      const at = seen.indexOf(marker)
      const end = at < 0 ? -1 : seen.indexOf('\n', at)
      if (end < 0) return
      client.stderr.pause().off('data', read)
      resolve({ pid: Number(seen.toString('latin1', at + marker.length, end)), rest: seen.subarray(end + 1) })
    }
    client.stderr.on('data', read)
    client.once('error', reject)
    client.stderr.once('end', () => reject(new Error(`the login shell ended at once: ${seen.toString().trim()}`)))
  })
}

const signalNames = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]))

async function exitOf(exitCode: number | undefined, master: OpensshMaster): Promise<Exit> {
  if (exitCode !== undefined) {
    const signal = signalNames.get(exitCode - 128)
    return signal === undefined ? { exitCode, signal: null } : { exitCode: null, signal }
  }
  // A master that was lost is known to be, in a moment.
  if (await settledWithin(200, master.closed)) throw new Error('the connection was lost while the command ran')
  return { exitCode: null, signal: 'an unknown signal' }
}
