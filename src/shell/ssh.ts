import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import ssh2, { type ClientChannel, type ServerHostKeyAlgorithm, type Client as SshClient } from 'ssh2'
import { InputError } from '../errors.ts'
import { abortable } from './abortable.ts'
import { fingerprint, type HostKey, parseHostKey } from './host-key.ts'
import { observe, type Place } from './observe.ts'
import { graceMs, type Process, settledWithin } from './process.ts'
import { quote } from './quote.ts'
import { killLine, remoteLine, startRemoteProcess } from './remote-process.ts'
import {
  type Argv,
  type CommandOptions,
  type CommandResult,
  type Script,
  type Shell,
  ShellError,
  succeeded,
} from './shell.ts'
import { Slots } from './slots.ts'
import { attach, loginShell, ptyOf, type TerminalOptions } from './terminal.ts'
import { wrap } from './wrap.ts'

const { Client, utils } = ssh2

export interface SshOptions extends Place {
  readonly username: string
  /** In OpenSSH's format, without a passphrase. */
  readonly privateKey: string
  /** The key that the host must have, as in `ssh_host_ed25519_key.pub`. There is no way to do without. */
  readonly hostKey: string
  /** Gives a connected stream to the host's SSH server, until `signal` is aborted: TCP, or a relay into a lab. */
  readonly connect: (signal: AbortSignal) => Promise<Duplex>
  /** The host must answer within so long, at first and after a reboot. Default 30 000. */
  readonly deadlineMs?: number
  /** A connection that is silent for so long is lost. Default 15 000. */
  readonly silenceMs?: number
}

/** Servers allow ten sessions a connection by default, and one must be free for stopping commands. */
const maxCommands = 8
/** Signals that take longer than this to be sent are not waited for by the next ones. */
const signalMs = 10_000
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
  readonly #commands = new Slots(maxCommands)
  readonly #closed = new AbortController()
  #connection: Promise<Connection> | undefined
  /** Also those that are only kept until the last command on them has ended. */
  readonly #connections = new Set<Connection>()

  /** @throws InputError for keys that are none */
  constructor(options: SshOptions) {
    const key = utils.parseKey(options.privateKey)
    if (key instanceof Error) throw new InputError(`the private key for ${options.where}: ${key.message}`)
    this.where = options.where
    this.#options = options
    this.#hostKey = parseHostKey(options.hostKey)
  }

  async run(command: Argv | Script, options: CommandOptions = {}): Promise<CommandResult> {
    return succeeded(await this.try(command, options))
  }

  async try(command: Argv | Script, options: CommandOptions = {}): Promise<CommandResult> {
    const invocation = wrap(command, options)
    using _slot = await this.#commands.take(options.signal)
    using started = await this.#start(
      (connection, signal) => this.#startCommand(connection, invocation.argv, signal),
      options.signal,
    )
    // Whatever makes its end unknowable, as opposed to what a caller's signal or function throws.
    const exit = started.value.exit.catch((cause) => {
      throw new ShellError(this.where, `${(cause as Error).message}: ${invocation.command}`, cause)
    })
    return await observe({ ...started.value, exit }, invocation, this.#options, options)
  }

  /**
   * An interactive session on a pseudo terminal. Settles with its exit code.
   * @throws ShellError when the connection cannot be made or is lost
   */
  async terminal(options: TerminalOptions = {}): Promise<number> {
    const line = quote(wrap(options.command ?? loginShell, options).argv)
    const pty = ptyOf(options)
    using started = await this.#start((connection, signal) => connection.execute(line, signal, pty), options.signal)
    const exitCode = await attach(started.value, options)
    if (exitCode === undefined) throw new ShellError(this.where, 'the connection was lost')
    return exitCode
  }

  /** Closes the connection. Commands that still run are not stopped by that: abort them first. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort(new ShellError(this.where, 'the connection was closed by us'))
    await this.#connection?.catch(() => undefined)
    await Promise.all([...this.#connections].map((connection) => connection.close()))
  }

  /** Begins something over the connection; what did not begin, begins once more over a new one. */
  async #start<T>(
    begin: (connection: Connection, signal: AbortSignal) => Promise<T>,
    abort: AbortSignal | undefined,
  ): Promise<{ readonly value: T } & Disposable> {
    for (let attempt = 1; ; attempt++) {
      const connection = await this.#connected(abort)
      const using = connection.use()
      try {
        const late = AbortSignal.timeout(this.#deadlineMs)
        const value = await begin(connection, AbortSignal.any(abort === undefined ? [late] : [late, abort]))
        return { value, [Symbol.dispose]: () => using[Symbol.dispose]() }
      } catch (cause) {
        using[Symbol.dispose]()
        abort?.throwIfAborted()
        this.#retire(connection)
        if (attempt === 2)
          throw new ShellError(this.where, `no command can be started: ${(cause as Error).message}`, cause)
      }
    }
  }

  async #startCommand(connection: Connection, argv: Argv, signal: AbortSignal): Promise<Process> {
    const { line, marker } = remoteLine(argv)
    return startRemoteProcess(await connection.execute(line, signal), {
      marker,
      signal,
      isLost: () => connection.isLost,
      kill: (pid, name) => connection.signal(killLine(pid, name)),
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
      const forget = () => {
        if (this.#connection === opening) this.#connection = undefined
      }
      opening.then((connection) => {
        this.#connections.add(connection)
        connection.closed.then(() => {
          this.#connections.delete(connection)
          forget()
        })
      }, forget)
    }
    return abortable(this.#connection, abort)
  }

  #retire(connection: Connection): void {
    this.#connection = undefined
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

/** A connection that is authenticated, and who uses it. */
class Connection {
  readonly #client: SshClient
  readonly closed: Promise<void>
  isLost = false
  #users = 0
  #isRetired = false
  #signalling: Promise<void> = Promise.resolve()
  #unsent: string[] | undefined

  constructor(client: SshClient) {
    this.#client = client
    this.closed = new Promise((resolve) => {
      client.once('close', () => {
        this.isLost = true
        resolve()
      })
    })
  }

  use(): Disposable {
    this.#users++
    return {
      [Symbol.dispose]: () => {
        this.#users--
        this.#closeIfUnused()
      },
    }
  }

  /** Lets who uses it finish, and nobody else begin. */
  retire(): void {
    this.#isRetired = true
    this.#closeIfUnused()
  }

  /** @throws when the channel is refused, the connection is lost, or `signal` is aborted; then nobody uses the channel */
  async execute(line: string, signal: AbortSignal, pty?: ReturnType<typeof ptyOf>): Promise<ClientChannel> {
    if (this.isLost) throw new Error('the connection was lost')
    const opening = new Promise<ClientChannel>((resolve, reject) => {
      this.#client.exec(line, pty === undefined ? {} : { pty }, (error, channel) => {
        if (error === undefined) resolve(channel)
        else reject(error)
      })
    })
    return abortable(opening, signal).catch((reason) => {
      opening.then((channel) => channel.close()).catch(() => {})
      throw reason
    })
  }

  /**
   * Runs a line that signals processes. Lines that come while another is under way go together, over one channel, so
   * that many commands are stopped as fast as one. Settles when it was tried: who stops a command waits for its end.
   */
  signal(line: string): Promise<void> {
    if (this.#unsent === undefined) {
      const lines: string[] = []
      const use = this.use()
      this.#unsent = lines
      this.#signalling = this.#signalling
        .then(() => {
          this.#unsent = undefined
          return this.#runBuiltins(lines.join('\n'))
        })
        .catch(() => {})
        .finally(() => use[Symbol.dispose]())
    }
    this.#unsent.push(line)
    return this.#signalling
  }

  async #runBuiltins(line: string): Promise<void> {
    const late = AbortSignal.timeout(signalMs)
    const channel = await this.execute(line, late)
    channel.resume().stderr.resume()
    await once(channel, 'close', { signal: late }).finally(() => channel.close())
  }

  /** In an orderly way, or else at once: a peer that is dead does not say goodbye. */
  async close(): Promise<void> {
    this.#client.end()
    if (!(await settledWithin(graceMs, this.closed))) this.#client.destroy()
  }

  #closeIfUnused(): void {
    if (this.#isRetired && this.#users === 0) void this.close()
  }
}

/** One attempt. @throws ShellError when another one would be no better: wrong host key, login refused */
async function connect(options: SshOptions, hostKey: HostKey, signal: AbortSignal): Promise<Connection> {
  const opening = options.connect(signal)
  const socket = await abortable(opening, signal).catch((reason) => {
    opening.then((late) => late.destroy()).catch(() => {})
    throw reason
  })
  const client = new Client()
  const failed = Promise.withResolvers<never>()
  let offered: Buffer | undefined
  client.on('error', (error: Error & { level?: string }) => {
    const refuse = (message: string) => failed.reject(new ShellError(options.where, message, error))
    if (offered !== undefined && !offered.equals(hostKey.bytes)) {
      refuse(`its host key is ${fingerprint(offered)}, and must be ${fingerprint(hostKey.bytes)}`)
    } else if (error.level === 'handshake')
      refuse(`${error.message} (its host key must be ${fingerprint(hostKey.bytes)})`)
    else if (error.level === 'client-authentication') refuse(`refuses to let ${options.username} in with our key`)
    else failed.reject(error)
  })
  client.once('close', () => failed.reject(new Error('the connection was closed before it was ready')))
  const ready = new Promise<Connection>((resolve) => client.once('ready', () => resolve(new Connection(client))))
  client.connect({
    sock: socket,
    username: options.username,
    privateKey: options.privateKey,
    algorithms: { serverHostKey: algorithmsOf(hostKey) },
    hostVerifier: (key: Buffer) => {
      offered = key
      return key.equals(hostKey.bytes)
    },
    readyTimeout: 0,
    keepaliveInterval: (options.silenceMs ?? 15_000) / 3,
    keepaliveCountMax: 2,
  })
  return abortable(Promise.race([ready, failed.promise]), signal).catch((reason) => {
    socket.destroy()
    throw reason
  })
}

/** Only the kind of key that is expected: a host has several, and shows the one that is asked for. */
function algorithmsOf({ type }: HostKey): ServerHostKeyAlgorithm[] {
  return type === 'ssh-rsa' ? ['rsa-sha2-512', 'rsa-sha2-256'] : [type as ServerHostKeyAlgorithm]
}
