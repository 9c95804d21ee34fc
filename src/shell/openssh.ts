import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { constants } from 'node:os'
import { abortable } from '../concurrency/abortable.ts'
import { Semaphore } from '../concurrency/semaphore.ts'
import { awaitResult } from './await-result.ts'
import { MarkedOutput } from './marked-output.ts'
import { connectDeadlineMs, OpensshMaster, type OpensshOptions } from './openssh-master.ts'
import { prepareCommand } from './prepare-command.ts'
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
  #isClosed = false

  constructor(options: OpensshOptions) {
    this.where = options.where
    this.#options = options
  }

  async run(command: Argv | Script, options: CommandOptions = {}): Promise<CommandResult> {
    return succeeded(await this.try(command, options))
  }

  async try(command: Argv | Script, options: CommandOptions = {}): Promise<CommandResult> {
    const prepared = prepareCommand(command, options)
    using _slot = await this.#commands.acquire(options.signal)
    for (let attempt = 1; ; attempt++) {
      const master = await this.#connected(options.signal)
      using _use = master.use()
      const started = await this.#start(master, prepared.argv, options).catch((cause: Error) => {
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
    this.#isClosed = true
    await this.#current?.catch(() => undefined)
    await Promise.all([...this.#masters].map((master) => master.close()))
  }

  async #connected(signal: AbortSignal | undefined): Promise<OpensshMaster> {
    if (this.#isClosed) throw new ShellError(this.where, 'the connection is closed')
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

  /** @throws only if the command has certainly not begun */
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
        // The last line is complete when standard error has been read to its end.
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
 * The line for the login shell. It prints its process id, which is the id of the group, and waits for `go`. So the caller
 * knows whether the command began, and which group to stop. Then it reports the exit code, because ssh exits with 255 for
 * a lost connection, a signal and the exit code 255. The shell's own message about a signal is discarded.
 */
function markedLine(argv: Argv, marker: string): string {
  const begin = `echo ${marker} $$ >&2; read -r go || exit 125`
  return `${begin}; exec 3>&2 2>/dev/null; ${quote(argv)} 2>&3 3>&-; echo ${marker}-end $? >&3`
}

/** Reads the process id, and discards what the login shell prints before. */
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
    client.stderr.once('end', () => reject(new Error(`the login shell exited at once: ${seen.toString().trim()}`)))
  })
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
