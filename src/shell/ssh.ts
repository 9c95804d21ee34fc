import { setTimeout as delay } from 'node:timers/promises'
import { abortable } from '../concurrency/abortable.ts'
import { Semaphore } from '../concurrency/semaphore.ts'
import { type HostKey, parseHostKey } from './host-key.ts'
import { observe } from './observe.ts'
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
import { wrap } from './wrap.ts'

export type { SshOptions } from './ssh-connection.ts'

/** Servers allow ten sessions a connection by default, and one must be free for stopping commands. */
const maxCommands = 8
/** Between two attempts to connect to a host that is not there (yet). */
const retryMs = 100
/** An attempt to connect is given up after so long, the next one after twice that …: relays and firewalls stay silent. */
const firstAttemptMs = 2_000

/**
 * A host over SSH: one connection, made when it is first needed, and a channel for every command. A command that has
 * not begun when the connection turns out to be lost (the host was rebooted) is started over a new one, once. One that
 * has begun is never run again: ShellError.
 */
export class SshShell implements Shell, AsyncDisposable {
  readonly where: string
  readonly #options: SshOptions
  readonly #hostKey: HostKey
  readonly #commands = new Semaphore(maxCommands)
  readonly #closed = new AbortController()
  /** The one that new commands use, or will use when it is ready. */
  #connection: Promise<Connection> | undefined
  /** Also those that are only kept until the last command on them has ended. */
  readonly #connections = new Map<Connection, Promise<Connection>>()

  /** @throws InputError for keys that are none */
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
    const invocation = wrap(command, options)
    using _slot = await this.#commands.acquire(options.signal)
    using started = await this.#start(
      (connection, signal) => this.#startCommand(connection, invocation.argv, signal, options.sudo),
      options.signal,
    )
    // Whatever makes its end unknowable, as opposed to what a caller's signal or function throws.
    const exit = started.value.exit.catch((cause) => {
      throw new ShellError(this.where, `${(cause as Error).message}: ${invocation.command}`, cause)
    })
    return await observe({ ...started.value, exit }, invocation, this.#options, options)
  }

  /**
   * A session that is connected to our own input and output. Settles with its exit code.
   * @throws ShellError when the connection cannot be made or is lost
   */
  async session(options: SessionOptions = {}): Promise<number> {
    const line = quote(wrap(options.command ?? loginShell, options).argv)
    const pty = ptyOf(options)
    using started = await this.#start((connection, signal) => connection.execute(line, signal, pty), options.signal)
    const exitCode = await attach(started.value, pty !== undefined, options)
    if (exitCode === undefined) throw new ShellError(this.where, 'the connection was lost')
    return exitCode
  }

  /** Closes the connection. Commands that still run are not stopped by that: abort them first. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort(new ShellError(this.where, 'the connection was closed by us'))
    await this.#connection?.catch(() => undefined)
    await Promise.all([...this.#connections.keys()].map((connection) => connection.close()))
  }

  /** The same without a goodbye, for a host that is about to be gone: nothing is waited for. */
  drop(why = 'the connection was closed by us'): void {
    this.#closed.abort(new ShellError(this.where, why))
    for (const connection of this.#connections.keys()) connection.drop()
  }

  /** Begins something over the connection; what did not begin, begins once more over a new one. */
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
          throw new ShellError(this.where, `no command can be started: ${(cause as Error).message}`, cause)
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
      // It keeps one of the server's sessions, so later commands get a connection without it.
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

  /** New commands do not use this one any more; it may have been replaced already. */
  #forget(opening: Promise<Connection> | undefined): void {
    if (this.#connection === opening) this.#connection = undefined
  }

  #retire(connection: Connection): void {
    this.#forget(this.#connections.get(connection))
    connection.retire()
  }

  /** Attempts until one succeeds, one fails for good, or the deadline is over. */
  async #open(): Promise<Connection> {
    const deadline = AbortSignal.any([AbortSignal.timeout(this.#deadlineMs), this.#closed.signal])
    for (let attemptMs = firstAttemptMs; ; attemptMs *= 2) {
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
          `no connection within ${this.#deadlineMs} ms: ${(cause as Error).message}`,
          cause,
        )
      }
    }
  }
}
