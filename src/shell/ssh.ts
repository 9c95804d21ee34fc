import { setTimeout as delay } from 'node:timers/promises'
import { abortable } from '../concurrency/abortable.ts'
import { Semaphore } from '../concurrency/semaphore.ts'
import { awaitResult } from './await-result.ts'
import { type HostKey, parseHostKey } from './host-key.ts'
import { prepareCommand } from './prepare-command.ts'
import type { Process } from './process.ts'
import { quote } from './quote.ts'
import { killLine, remoteLine, startRemoteProcess } from './remote-process.ts'
import { attach, loginShell, ptyOf, type SessionOptions } from './session.ts'
import {
  type Argv,
  type CommandOptions,
  type CommandResult,
  type Script,
  type Shell,
  ShellError,
  succeeded,
} from './shell.ts'
import { assertPrivateKey, type Connection, connect, type SshOptions } from './ssh-connection.ts'

export type { SshOptions } from './ssh-connection.ts'

/** Servers allow ten sessions per connection by default. Stopping commands needs one. */
const maxCommands = 8
/** The pause between attempts to connect to a host that does not answer yet. */
const retryMs = 100
/** Maximum time of the first attempt to connect. Each further attempt may take twice as long: firewalls stay silent. */
const firstAttemptMs = 2_000

/**
 * A host over SSH. All commands share one connection, which is opened when first needed, and each has a channel. A
 * command that has not begun when the connection is lost (the host was rebooted) is started once more, over a new
 * connection. A command that has begun is never run again: it fails with a ShellError.
 */
export class SshShell implements Shell, AsyncDisposable {
  readonly where: string
  readonly #options: SshOptions
  readonly #hostKey: HostKey
  readonly #commands = new Semaphore(maxCommands)
  readonly #closed = new AbortController()
  /** The connection that new commands use. */
  #connection: Promise<Connection> | undefined
  /** All open connections, also those that only finish their commands. */
  readonly #connections = new Map<Connection, Promise<Connection>>()

  /** @throws InputError for a key that cannot be read */
  constructor(options: SshOptions) {
    assertPrivateKey(options.privateKey, options.where)
    this.where = options.where
    this.#options = options
    this.#hostKey = parseHostKey(options.hostKey)
  }

  async run(command: Argv | Script, options: CommandOptions = {}): Promise<CommandResult> {
    return succeeded(await this.try(command, options))
  }

  async try(command: Argv | Script, options: CommandOptions = {}): Promise<CommandResult> {
    const prepared = prepareCommand(command, options)
    using _slot = await this.#commands.acquire(options.signal)
    using started = await this.#start(
      (connection, signal) => this.#startCommand(connection, prepared.argv, signal, options.sudo),
      options.signal,
    )
    // These errors make the result unknowable, unlike those of the caller's signal or function.
    const exit = started.value.exit.catch((cause) => {
      throw new ShellError(this.where, `${(cause as Error).message}: ${prepared.command}`, cause)
    })
    return await awaitResult({ ...started.value, exit }, prepared, this.#options, options)
  }

  /**
   * Runs a command, or the login shell, connected to our own input and output. Returns its exit code.
   * @throws ShellError if the connection cannot be made or is lost
   */
  async session(options: SessionOptions = {}): Promise<number> {
    const line = quote(prepareCommand(options.command ?? loginShell, options).argv)
    const pty = ptyOf(options)
    using started = await this.#start((connection, signal) => connection.execute(line, signal, pty), options.signal)
    const exitCode = await attach(started.value, pty !== undefined, options)
    if (exitCode === undefined) throw new ShellError(this.where, 'the connection was lost')
    return exitCode
  }

  /** Closes the connection. This does not stop running commands: abort them first. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort(new ShellError(this.where, 'the connection is closed'))
    await this.#connection?.catch(() => undefined)
    await Promise.all([...this.#connections.keys()].map((connection) => connection.close()))
  }

  /** Closes the connection without waiting, for a host that is about to end. */
  drop(why = 'the connection is closed'): void {
    this.#closed.abort(new ShellError(this.where, why))
    for (const connection of this.#connections.keys()) connection.drop()
  }

  /** Begins something over the connection. If it fails to begin, it is tried once more over a new connection. */
  async #start<T>(
    begin: (connection: Connection, signal: AbortSignal) => Promise<T>,
    abort: AbortSignal | undefined,
  ): Promise<{ readonly value: T } & Disposable> {
    for (let attempt = 1; ; attempt++) {
      const connection = await this.#connected(abort)
      const use = connection.use()
      try {
        const late = AbortSignal.timeout(this.#deadlineMs)
        const value = await begin(connection, AbortSignal.any(abort === undefined ? [late] : [late, abort]))
        return { value, [Symbol.dispose]: () => use[Symbol.dispose]() }
      } catch (cause) {
        use[Symbol.dispose]()
        abort?.throwIfAborted()
        this.#retire(connection)
        if (attempt === 2)
          throw new ShellError(this.where, `cannot start a command: ${(cause as Error).message}`, cause)
      }
    }
  }

  async #startCommand(connection: Connection, argv: Argv, signal: AbortSignal, sudo?: boolean): Promise<Process> {
    const { line, marker } = remoteLine(argv)
    return startRemoteProcess(await connection.execute(line, signal), {
      marker,
      signal,
      isLost: () => connection.isLost,
      kill: (pid, name) => connection.signal(killLine(pid, name, sudo)),
      // The command keeps a session of the server, so later commands use a new connection.
      abandon: () => this.#retire(connection),
    })
  }

  get #deadlineMs(): number {
    return this.#options.deadlineMs ?? 30_000
  }

  async #connected(abort: AbortSignal | undefined): Promise<Connection> {
    this.#closed.signal.throwIfAborted()
    if (this.#connection === undefined) {
      const opening = this.#open()
      this.#connection = opening
      opening.then(
        (connection) => {
          this.#connections.set(connection, opening)
          connection.closed.then(() => {
            this.#forget(opening)
            this.#connections.delete(connection)
          })
        },
        () => this.#forget(opening),
      )
    }
    return abortable(this.#connection, abort)
  }

  /** Keeps new commands from using this connection, if it has not been replaced already. */
  #forget(opening: Promise<Connection> | undefined): void {
    if (this.#connection === opening) this.#connection = undefined
  }

  #retire(connection: Connection): void {
    this.#forget(this.#connections.get(connection))
    connection.retire()
  }

  /** Tries to connect until an attempt succeeds, a further attempt would be useless, or the deadline has passed. */
  async #open(): Promise<Connection> {
    const deadline = AbortSignal.any([AbortSignal.timeout(this.#deadlineMs), this.#closed.signal])
    // A host that refuses at once is tried hundreds of times.
    for (let attemptMs = firstAttemptMs; ; attemptMs = Math.min(2 * attemptMs, this.#deadlineMs)) {
      const signal = AbortSignal.any([deadline, AbortSignal.timeout(attemptMs)])
      try {
        return await connect(this.#options, this.#hostKey, signal)
      } catch (cause) {
        if (cause instanceof ShellError) throw cause
        await delay(retryMs, undefined, { signal: deadline }).catch(() => {})
        this.#closed.signal.throwIfAborted()
        if (!deadline.aborted) continue
        throw new ShellError(
          this.where,
          `cannot connect within ${this.#deadlineMs} ms: ${(cause as Error).message}`,
          cause,
        )
      }
    }
  }
}
