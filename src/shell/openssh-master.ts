import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { abortable } from '../concurrency/abortable.ts'
import { temporaryFolder } from '../localhost/own-folder.ts'
import type { Place } from './observe.ts'
import { sshFailure } from './openssh-failure.ts'
import { graceMs, settledWithin } from './process.ts'
import { ShellError } from './shell.ts'
import { SignalLines, signalMs } from './signal-lines.ts'

/** A host that is up and busy lets nobody in for a while, also behind a jump host; one that is not there is told by the network. */
export const connectDeadlineMs = 30_000

export interface OpensshOptions extends Place {
  /** A host name, an address, or a name of `~/.ssh/config`. */
  readonly destination: string
  /** Left out: what `~/.ssh/config` says, or else who we are. */
  readonly username?: string | undefined
  readonly port?: number | undefined
  /** A file with a private key; left out: ssh-agent, `~/.ssh/config` and the usual places. */
  readonly key?: string | undefined
  /** Instead of `~/.ssh/config`. */
  readonly configFile?: string | undefined
  /** It must be connected within so long. Default {@link connectDeadlineMs}. */
  readonly deadlineMs?: number | undefined
}

/** Whatever ~/.ssh/config says: nothing is asked, no host is trusted at first sight, nothing is forwarded or run beside. */
const always: readonly string[] = [
  'BatchMode=yes',
  'StrictHostKeyChecking=yes',
  'UpdateHostKeys=no',
  'VerifyHostKeyDNS=no',
  'NoHostAuthenticationForLocalhost=no',
  'LogLevel=ERROR',
  'ClearAllForwardings=yes',
  'ForwardAgent=no',
  'ForwardX11=no',
  'PermitLocalCommand=no',
  'RemoteCommand=none',
  'RequestTTY=no',
  'EscapeChar=none',
  'ControlPersist=no',
  'ConnectionAttempts=1',
  'ServerAliveInterval=5',
  'ServerAliveCountMax=3',
]

/** Its session on the host ends when we are gone, however we went; then it ends too, and its folder with it. */
const launcher = '"$@"; rm -rf "$0"'

/** A connection of OpenSSH's client, which other clients share by a socket in a folder of our own. */
export class OpensshMaster {
  readonly #options: OpensshOptions
  readonly #folder: string
  readonly #process: ChildProcess
  readonly closed: Promise<void>
  isLost = false
  #said = ''
  #users = 0
  #isRetired = false
  readonly #signals = new SignalLines((lines) => this.#runBuiltins(lines))

  private constructor(options: OpensshOptions) {
    this.#options = options
    this.#folder = mkdtempSync(join(temporaryFolder(), 'dr-drill-ssh-'))
    const argv = ['ssh', ...this.#common(), '-o', 'ControlMaster=yes', '--', options.destination, 'echo ready && cat']
    // In a session of its own: a Ctrl-C in the terminal is for us, and its end is up to us.
    this.#process = spawn('sh', ['-c', launcher, this.#folder, ...argv], { detached: true, stdio: 'pipe' })
    this.#process.stderr?.on('data', (chunk: Buffer) => {
      if (this.#said.length < 16_384) this.#said += chunk.toString()
    })
    for (const stream of [this.#process.stdin, this.#process.stdout]) stream?.on('error', () => {})
    this.closed = new Promise((resolve) => {
      this.#process.once('error', resolve)
      this.#process.once('close', resolve)
    }).then(() => {
      this.isLost = true
    })
  }

  /** @throws ShellError that says why there is no connection, and what to do about it */
  static async connect(options: OpensshOptions, signal: AbortSignal | undefined): Promise<OpensshMaster> {
    const master = new OpensshMaster(options)
    try {
      await abortable(master.#ready(), signal)
      return master
    } catch (reason) {
      await master.close()
      throw reason
    }
  }

  /** A client that runs a line over this connection, and never over one of its own. */
  spawnClient(line: string): ChildProcessWithoutNullStreams {
    const never = ['-o', 'ControlMaster=no', '-o', 'ProxyJump=none', '-o', 'ProxyCommand=false']
    const args = [...this.#common(), ...never, '--', this.#options.destination, line]
    const client = spawn('ssh', args, { detached: true, stdio: 'pipe' })
    client.on('error', () => {})
    client.stdin.on('error', () => {})
    return client
  }

  /** Runs a line that signals processes. Settles when it was tried: who stops a command waits for its end. */
  async signal(line: string): Promise<void> {
    using _use = this.use()
    await this.#signals.add(line)
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

  /** In an orderly way, or else at once. */
  async close(): Promise<void> {
    this.#process.stdin?.end()
    if (!(await settledWithin(graceMs / 4, this.closed))) {
      this.#signal('SIGTERM')
      if (!(await settledWithin(graceMs, this.closed))) this.#signal('SIGKILL')
    }
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #runBuiltins(lines: string): Promise<void> {
    const client = this.spawnClient(lines)
    client.stdin.end()
    client.stdout.resume()
    client.stderr.resume()
    await once(client, 'close', { signal: AbortSignal.timeout(signalMs) }).catch(() => client.kill('SIGKILL'))
  }

  async #ready(): Promise<void> {
    const ready = new Promise<'ready'>((resolve) => {
      let seen = ''
      this.#process.stdout?.on('data', (chunk: Buffer) => {
        // Behind what a login shell may print of its own.
        seen = (seen + chunk.toString()).slice(-200)
        if (/(^|\n)ready\n/.test(seen)) resolve('ready')
      })
    })
    const timer = new AbortController()
    const late = delay(this.#deadlineMs, 'late' as const, { signal: timer.signal }).catch(() => 'late' as const)
    const outcome = await Promise.race([ready, this.closed, late]).finally(() => timer.abort())
    if (outcome === 'ready') return
    const { where, destination, port } = this.#options
    if (outcome === 'late')
      throw new ShellError(where, `cannot be reached: no connection within ${this.#deadlineMs / 1000} s`)
    const { message, remedy } = sshFailure(this.#said, destination, port)
    throw new ShellError(where, message, undefined, remedy)
  }

  #common(): readonly string[] {
    const { username, port, key, configFile } = this.#options
    const seconds = Math.max(1, Math.ceil(this.#deadlineMs / 1000))
    return [
      '-T',
      ...(configFile === undefined ? [] : ['-F', configFile]),
      ...[...always, `ConnectTimeout=${seconds}`, `ControlPath=${join(this.#folder, 'c')}`].flatMap((one) => [
        '-o',
        one,
      ]),
      ...(username === undefined ? [] : ['-l', username]),
      ...(port === undefined ? [] : ['-p', `${port}`]),
      // Beside the agent's keys, but tried before them: servers take only a few attempts.
      ...(key === undefined ? [] : ['-i', key, '-o', 'IdentitiesOnly=yes']),
    ]
  }

  get #deadlineMs(): number {
    return this.#options.deadlineMs ?? connectDeadlineMs
  }

  #signal(name: NodeJS.Signals): void {
    try {
      if (this.#process.pid !== undefined) process.kill(-this.#process.pid, name)
    } catch {
      // It is gone.
    }
  }

  #closeIfUnused(): void {
    if (this.#isRetired && this.#users === 0) void this.close()
  }
}
