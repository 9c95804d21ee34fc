import { randomUUID } from 'node:crypto'
import { constants } from 'node:os'
import { PassThrough } from 'node:stream'
import { abortable } from '../concurrency/abortable.ts'
import { Semaphore } from '../concurrency/semaphore.ts'
import { killChild } from '../localhost/kill-child.ts'
import { awaitResult } from './await-result.ts'
import { lastLine } from './last-line.ts'
import { noCommands, noCommandWithin } from './login-failure.ts'
import { markedLoginLine } from './login-line.ts'
import { MarkedOutput } from './marked-output.ts'
import { connectDeadlineMs, OpensshMaster, type OpensshOptions } from './openssh-master.ts'
import { isNothing, NoMarkError, readToMark } from './preamble.ts'
import { prepareCommand } from './prepare-command.ts'
import { type Exit, graceMs, type Process, settledWithin } from './process.ts'
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

export type { OpensshOptions } from './openssh-master.ts'

/** Servers allow ten sessions per connection by default. The connection uses one, and stopping commands needs one. */
const maxCommands = 8

/**
 * A host over OpenSSH's client, which honors the user's `~/.ssh/config`, `ssh-agent` and `known_hosts`. All commands
 * share one connection, which is opened when first needed. As with `SshShell`, a command that has not begun when the
 * connection is lost is started once more, over a new connection. A command that has begun is never run again.
 *
 * A login shell reports 128 + n for a program that signal n ended. A program that exits with such a code is therefore
 * reported as ended by a signal.
 */
export class OpensshShell implements Shell, AsyncDisposable {
  readonly where: string
  readonly #options: OpensshOptions
  readonly #commands = new Semaphore(maxCommands)
  readonly #masters = new Set<OpensshMaster>()
  #current: Promise<OpensshMaster> | undefined
  readonly #closing = new AbortController()

  constructor(options: OpensshOptions) {
    this.where = options.where
    this.#options = options
  }

  async run(command: Argv | Script, options: CommandOptions = {}): Promise<CommandResult> {
    return succeeded(await this.try(command, options))
  }

  async try(command: Argv | Script, options: CommandOptions = {}): Promise<CommandResult> {
    const prepared = prepareCommand(command, options)
    const marker = `dr-drill-${randomUUID()}`
    const line = markedLoginLine(prepared.argv, marker)
    using _slot = await this.#commands.acquire(options.signal)
    for (let attempt = 1; ; attempt++) {
      const master = await this.#connected(options.signal)
      using _use = master.use()
      const started = await this.#start(master, line, marker, options).catch((cause: Error) => {
        options.signal?.throwIfAborted()
        this.#retire(master)
        if (attempt < 2) return undefined
        throw new ShellError(this.where, `cannot start a command: ${cause.message}`, cause)
      })
      if (started === undefined) continue
      const exit = started.exit.catch((cause: Error) => {
        throw new ShellError(this.where, `${cause.message}: ${prepared.command}`, cause)
      })
      return await awaitResult({ ...started, exit }, prepared, this.#options, options)
    }
  }

  /** Closes the connection. This does not stop running commands: abort them first. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(this.#closed())
    await this.#current?.catch(() => undefined)
    await Promise.all([...this.#masters].map((master) => master.close()))
  }

  async #connected(signal: AbortSignal | undefined): Promise<OpensshMaster> {
    if (this.#closing.signal.aborted) throw this.#closed()
    if (this.#current === undefined) {
      const opening = OpensshMaster.connect(this.#options, this.#closing.signal)
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

  #closed(): ShellError {
    return new ShellError(this.where, 'the connection is closed')
  }

  #retire(master: OpensshMaster): void {
    void this.#current?.then((current) => {
      if (current === master) this.#current = undefined
    })
    this.#current = undefined
    master.retire()
  }

  /** @throws only if the command has certainly not begun */
  async #start(master: OpensshMaster, line: string, marker: string, options: CommandOptions): Promise<Process> {
    const client = master.spawnClient(line)
    const deadlineMs = this.#options.deadlineMs ?? connectDeadlineMs
    const late = AbortSignal.timeout(deadlineMs)
    const exited = new Promise<void>((resolve) => client.once('close', () => resolve()))
    try {
      const signal = AbortSignal.any(options.signal === undefined ? [late] : [late, options.signal])
      const marks = [readToMark(client.stdout, marker, isNothing), readToMark(client.stderr, marker, /^ \d+$/)] as const
      const [output, messages] = await abortable(Promise.all(marks), signal)
      const pid = Number(messages.text)
      const startedAt = performance.now()
      client.stdin.write('go\n')
      const stdout = new PassThrough()
      stdout.write(output.rest)
      client.stdout.pipe(stdout)
      const stderr = new MarkedOutput(`${marker}-end`)
      stderr.write(messages.rest)
      client.stderr.pipe(stderr)
      const closed = new Promise<void>((resolve) => stderr.once('close', resolve))
      const exit = exited.then(async () => {
        // The last line is complete when standard error has been read to its end.
        await settledWithin(graceMs, closed)
        return exitOf(stderr.exitCode, master)
      })
      exit.catch(() => {})
      return {
        startedAt,
        stdin: client.stdin,
        stdout,
        stderr,
        exit,
        kill: (name) => master.signal(killLine(pid, name, options.sudo)),
        abandon: () => {
          killChild(client, 'SIGKILL')
          this.#retire(master)
        },
      }
    } catch (reason) {
      if (reason instanceof NoMarkError) await settledWithin(graceMs, exited)
      const { exitCode } = client
      killChild(client, 'SIGKILL')
      if (late.aborted) throw new Error(noCommandWithin(deadlineMs / 1000, '').message)
      if (!(reason instanceof NoMarkError) || reason.isFlood) throw reason
      // ssh itself exits with 255, e.g. because the server refuses another session.
      throw new Error(exitCode === 255 ? lastLine(reason.printed) : noCommands(reason.printed, exitCode).message)
    }
  }
}

const signalNames = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]))

async function exitOf(exitCode: number | undefined, master: OpensshMaster): Promise<Exit> {
  if (exitCode !== undefined) {
    const signal = signalNames.get(exitCode - 128)
    return signal === undefined ? { exitCode, signal: null } : { exitCode: null, signal }
  }
  // A lost connection is noticed within a moment.
  if (await settledWithin(200, master.closed)) throw new Error('the connection was lost while the command ran')
  return { exitCode: null, signal: 'an unknown signal' }
}
