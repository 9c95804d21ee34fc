import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import ssh2, {
  type ClientChannel,
  type PseudoTtyOptions,
  type ServerHostKeyAlgorithm,
  type Client as SshClient,
} from 'ssh2'
import { abortable } from '../concurrency/abortable.ts'
import { InputError } from '../errors.ts'
import { fingerprint, type HostKey } from './host-key.ts'
import type { Place } from './observe.ts'
import { graceMs, settledWithin } from './process.ts'
import { ShellError } from './shell.ts'
import { SignalLines, signalMs } from './signal-lines.ts'

// It is CommonJS, without names that an import could see.
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

/** A connection that is authenticated, and who uses it. */
export class Connection {
  readonly #client: SshClient
  readonly closed: Promise<void>
  isLost = false
  #users = 0
  #isRetired = false
  readonly #signals = new SignalLines((lines) => this.#runBuiltins(lines))

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
  async execute(line: string, signal: AbortSignal, pty?: PseudoTtyOptions): Promise<ClientChannel> {
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

  /** Runs a line that signals processes. Settles when it was tried: who stops a command waits for its end. */
  async signal(line: string): Promise<void> {
    using _use = this.use()
    await this.#signals.add(line)
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

  /** Without a goodbye. */
  drop(): void {
    this.#client.destroy()
  }

  #closeIfUnused(): void {
    if (this.#isRetired && this.#users === 0) void this.close()
  }
}

/** One attempt. @throws ShellError when another one would be no better: wrong host key, login refused */
export async function connect(options: SshOptions, hostKey: HostKey, signal: AbortSignal): Promise<Connection> {
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

/** @throws InputError if it is none; `where` tells whose */
export function assertPrivateKey(text: string, where: string): void {
  const key = utils.parseKey(text)
  if (key instanceof Error) throw new InputError(`the private key for ${where}: ${key.message}`)
}
