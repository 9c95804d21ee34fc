import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { abortable } from '../concurrency/abortable.ts'
import { killChild } from '../localhost/kill-child.ts'
import { makeTemporaryFolder, type WatchedFolder } from '../localhost/watched-folder.ts'
import type { ShellOptions } from './await-result.ts'
import { noCommands, noCommandWithin } from './login-failure.ts'
import { scriptLoginLine } from './login-line.ts'
import { type SshFailure, sshFailure } from './openssh-failure.ts'
import { isNothing, NoMarkError, readToMark } from './preamble.ts'
import { graceMs, settledWithin } from './process.ts'
import { ShellError } from './shell.ts'
import { SignalLines, signalMs } from './signal-lines.ts'

/** A busy host may take this long to answer, also behind a jump host. The network reports a host that does not exist. */
export const connectDeadlineMs = 30_000

export interface OpensshOptions extends ShellOptions {
  /** A host name, an address, or a name in `~/.ssh/config`. */
  readonly destination: string
  /** Default: the user in `~/.ssh/config`, or the current user. */
  readonly username?: string | undefined
  readonly port?: number | undefined
  /** A file with a private key. Default: ssh-agent, `~/.ssh/config` and the usual files. */
  readonly key?: string | undefined
  /** Default: `~/.ssh/config`. */
  readonly configFile?: string | undefined
  /** Maximum time to connect. Default: {@link connectDeadlineMs}. */
  readonly deadlineMs?: number | undefined
}

/** Options that override ~/.ssh/config: ssh asks nothing, trusts no unknown host, and forwards and runs nothing else. */
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

/**
 * When this process ends for any reason, so does ssh's session on the host, then ssh. This removes the folder $0 and its
 * record $1 then.
 */
const launcher = 'record=$1; shift; "$@"; code=$?; rm -rf -- "$0" "$record"; exit $code'

/** Without a connection, ssh is not installed, ended by SIGKILL or SIGTERM, or reports an error. */
const codesOfClient: ReadonlySet<number> = new Set([127, 137, 143, 255])

/** A connection of OpenSSH's client. Other clients share it by a socket in a temporary folder. */
export class OpensshMaster {
  readonly #options: OpensshOptions
  readonly #folder: WatchedFolder
  readonly #process: ChildProcess
  readonly closed: Promise<void>
  isLost = false
  readonly #mark = `dr-drill-${randomUUID()}`
  /** Resolves when the login shell runs commands, or with the reason why it does not. */
  readonly #marked: Promise<'ready' | Error>
  #messages = ''
  #users = 0
  #isRetired = false
  readonly #signals = new SignalLines((lines) => this.#runBuiltins(lines))

  private constructor(options: OpensshOptions, folder: WatchedFolder) {
    this.#options = options
    this.#folder = folder
    const argv = [
      'ssh',
      ...this.#common(),
      '-o',
      'ControlMaster=yes',
      '--',
      options.destination,
      scriptLoginLine(`echo ${this.#mark}; exec cat`),
    ]
    // In a session of its own: a Ctrl-C in the terminal must not end it before we do.
    const { path, record = '', env } = folder
    this.#process = spawn('sh', ['-c', launcher, path, record, ...argv], { detached: true, env, stdio: 'pipe' })
    this.#process.stderr?.on('data', (chunk: Buffer) => {
      if (this.#messages.length < 16_384) this.#messages += chunk.toString()
    })
    for (const stream of [this.#process.stdin, this.#process.stdout]) stream?.on('error', () => {})
    const { stdout } = this.#process
    if (stdout === null) throw new Error('ssh has no standard output')
    this.#marked = readToMark(stdout, this.#mark, isNothing).then(
      () => {
        stdout.resume()
        return 'ready' as const
      },
      (reason: Error) => reason,
    )
    this.closed = new Promise((resolve) => {
      this.#process.once('error', resolve)
      this.#process.once('close', resolve)
    }).then(() => {
      this.isLost = true
    })
  }

  /** @throws ShellError with the cause and a remedy; the reason of the signal */
  static async connect(options: OpensshOptions, signal: AbortSignal): Promise<OpensshMaster> {
    const master = new OpensshMaster(options, await makeTemporaryFolder('dr-drill-ssh-'))
    try {
      await abortable(master.#ready(), signal)
      return master
    } catch (reason) {
      await master.close()
      throw reason
    }
  }

  /** Starts a client that runs a line over this connection, and never opens one of its own. */
  spawnClient(line: string): ChildProcessWithoutNullStreams {
    const never = ['-o', 'ControlMaster=no', '-o', 'ProxyJump=none', '-o', 'ProxyCommand=false']
    const args = [...this.#common(), ...never, '--', this.#options.destination, line]
    const client = spawn('ssh', args, { detached: true, env: this.#folder.env, stdio: 'pipe' })
    client.on('error', () => {})
    client.stdin.on('error', () => {})
    return client
  }

  /** Runs a line that signals processes. Also resolves if that fails, because the caller waits for the command's end. */
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

  /** Closes the connection once its users are done, and accepts no new ones. */
  retire(): void {
    this.#isRetired = true
    this.#closeIfUnused()
  }

  /** Closes the connection, by force if it does not close in time. */
  async close(): Promise<void> {
    this.#process.stdin?.end()
    if (!(await settledWithin(graceMs / 4, this.closed))) {
      this.#signal('SIGTERM')
      if (!(await settledWithin(graceMs, this.closed))) this.#signal('SIGKILL')
    }
    const { path, record } = this.#folder
    for (const one of [path, ...(record === undefined ? [] : [record])]) await rm(one, { recursive: true, force: true })
  }

  async #runBuiltins(lines: string): Promise<void> {
    const client = this.spawnClient(scriptLoginLine(lines))
    client.stdin.end()
    client.stdout.resume()
    client.stderr.resume()
    await once(client, 'close', { signal: AbortSignal.timeout(signalMs) }).catch(() => killChild(client, 'SIGKILL'))
  }

  async #ready(): Promise<void> {
    const timer = new AbortController()
    const outcome = await Promise.race([
      this.#marked,
      this.closed,
      delay(this.#deadlineMs, 'late' as const, { signal: timer.signal }).catch(() => 'late' as const),
    ]).finally(() => timer.abort())
    if (outcome === 'ready') return
    const { message, remedy } = outcome === 'late' ? this.#lateness() : await this.#failure()
    throw new ShellError(this.#options.where, message, undefined, remedy)
  }

  /** Why there is no connection in time. The client makes its socket as soon as it is logged in. */
  #lateness(): SshFailure {
    const seconds = this.#deadlineMs / 1000
    if (existsSync(this.#socket)) return noCommandWithin(seconds, this.#messages)
    return { message: `cannot connect: timed out after ${seconds} s` }
  }

  async #failure(): Promise<SshFailure> {
    const reason = await this.#marked
    const printed = reason instanceof NoMarkError ? reason.printed : ''
    if (reason instanceof NoMarkError && reason.isFlood) return { message: reason.message }
    await settledWithin(graceMs, this.closed)
    const { exitCode } = this.#process
    // ssh exits with 255, and with the code of the login shell if it has started one.
    if (exitCode !== null && !codesOfClient.has(exitCode)) return noCommands(`${printed}\n${this.#messages}`, exitCode)
    return sshFailure(this.#messages, this.#options.destination, this.#options.port)
  }

  #common(): readonly string[] {
    const { username, port, key, configFile } = this.#options
    const seconds = Math.max(1, Math.ceil(this.#deadlineMs / 1000))
    return [
      '-T',
      ...(configFile === undefined ? [] : ['-F', configFile]),
      ...[...always, `ConnectTimeout=${seconds}`, `ControlPath=${this.#socket}`].flatMap((one) => ['-o', one]),
      ...(username === undefined ? [] : ['-l', username]),
      ...(port === undefined ? [] : ['-p', `${port}`]),
      // The key is tried before those of the agent: servers accept only a few attempts.
      ...(key === undefined ? [] : ['-i', key, '-o', 'IdentitiesOnly=yes']),
    ]
  }

  get #socket(): string {
    return join(this.#folder.path, 'c')
  }

  get #deadlineMs(): number {
    return this.#options.deadlineMs ?? connectDeadlineMs
  }

  #signal(name: NodeJS.Signals): void {
    try {
      if (this.#process.pid !== undefined) process.kill(-this.#process.pid, name)
    } catch {
      // The process has ended.
    }
  }

  #closeIfUnused(): void {
    if (this.#isRetired && this.#users === 0) void this.close()
  }
}
