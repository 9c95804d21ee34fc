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
import type { ShellOptions } from './await-result.ts'
import { fingerprint, type HostKey } from './host-key.ts'
import { graceMs, settledWithin } from './process.ts'
import { ShellError } from './shell.ts'
import { SignalLines, signalMs } from './signal-lines.ts'

// ssh2 is CommonJS: it has no names that an import could list.
const { Client, utils } = ssh2

export interface SshOptions extends ShellOptions {
  readonly username: string
  /** A key in OpenSSH's format, without a passphrase. */
  readonly privateKey: string
  /** The key that the host must have, as in `ssh_host_ed25519_key.pub`. It cannot be left out. */
  readonly hostKey: string
  /** Connects to the host's SSH server, by TCP or a relay into a lab. Aborting `signal` ends the attempt. */
  readonly connect: (signal: AbortSignal) => Promise<Duplex>
  /** Maximum time to connect, at first and after a reboot. Default: 30 000. */
  readonly deadlineMs?: number
  /** A connection is lost after this time without a message. Default: 15 000. */
  readonly silenceMs?: number
}

/** An authenticated connection, and how many use it. */
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

  /** Closes the connection once its users are done, and accepts no new ones. */
  retire(): void {
    this.#isRetired = true
    this.#closeIfUnused()
  }

  /** @throws if the server refuses the channel, the connection is lost, or `signal` is aborted */
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

  /** Runs a line that signals processes. Also resolves if that fails, because the caller waits for the command's end. */
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

  /** Closes the connection, by force if the host does not close it in time. */
  async close(): Promise<void> {
    this.#client.end()
    if (!(await settledWithin(graceMs, this.closed))) this.#client.destroy()
  }

  /** Drops the connection at once. */
  drop(): void {
    this.#client.destroy()
  }

  #closeIfUnused(): void {
    if (this.#isRetired && this.#users === 0) void this.close()
  }
}

/** Tries to connect once. @throws ShellError if another attempt would fail as well: wrong host key, login refused */
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
      refuse(`its host key is ${fingerprint(offered)}, but must be ${fingerprint(hostKey.bytes)}`)
    } else if (error.level === 'handshake')
      refuse(`${error.message} (its host key must be ${fingerprint(hostKey.bytes)})`)
    else if (error.level === 'client-authentication') refuse(`permission denied for ${options.username} with our key`)
    else failed.reject(error)
  })
  client.once('close', () => failed.reject(new Error('the host closed the connection during the login')))
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

/** The algorithms of the expected key. A host has several keys, and shows the one that the client asks for. */
function algorithmsOf({ type }: HostKey): ServerHostKeyAlgorithm[] {
  return type === 'ssh-rsa' ? ['rsa-sha2-512', 'rsa-sha2-256'] : [type as ServerHostKeyAlgorithm]
}

/** @throws InputError if `text` is not a private key. `where` names the host it is for */
export function assertPrivateKey(text: string, where: string): void {
  const key = utils.parseKey(text)
  if (key instanceof Error) throw new InputError(`cannot read the private key for ${where}: ${key.message}`)
}
