import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { isProgram } from '../localhost/programs.ts'

const program = '/usr/sbin/sshd'

/** Why an `Sshd` cannot start here, as the reason for skipping tests. Undefined if it can start. */
export function whyNoSshd(): string | undefined {
  return isProgram(program) ? undefined : `${program} is not installed (Debian: openssh-server)`
}

/** Why an `Sshd` cannot have an account of its own here. Undefined if it can. */
export function whyNoAccounts(): string | undefined {
  const reason = whyNoSshd()
  if (reason !== undefined) return reason
  if (userInfo().uid !== 0) return 'needs root, to make users'
  const { status } = spawnSync('unshare', ['--mount', 'true'])
  return status === 0 ? undefined : 'this user may not create mount namespaces'
}

/** A user that exists only for one server, in its mount namespace. */
export interface Account {
  /** A program with its path. */
  readonly shell: string
  /** Default: an ordinary user. */
  readonly uid?: number
  /** Files in its home folder, by name, e.g. `.bashrc`. */
  readonly home?: Readonly<Record<string, string>>
  /** Variables of its sessions. */
  readonly env?: Readonly<Record<string, string>>
  /** Files that replace those of the host, by path. They are read-only for others, and belong to root. */
  readonly etc?: Readonly<Record<string, string>>
  /** More commands of root in the mount namespace, before the server starts. `$1` is the home folder. */
  readonly before?: string
}

/** OpenSSH's server on the loopback interface, with keys of its own, default limits and a login shell that prints. */
export class Sshd implements AsyncDisposable {
  readonly username: string
  readonly port: number
  readonly privateKey: string
  readonly hostKey: string
  readonly rsaHostKey: string
  readonly #folder: string
  readonly #account: Account | undefined
  #process: ChildProcess | undefined

  private constructor(folder: string, port: number, account: Account | undefined) {
    this.#folder = folder
    this.#account = account
    this.username = account === undefined ? userInfo().username : 'drill'
    this.port = port
    for (const [name, type] of [
      ['client', 'ed25519'],
      ['host', 'ed25519'],
      ['host-rsa', 'rsa'],
    ] as const) {
      execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-f', join(folder, name)])
    }
    this.privateKey = readFileSync(join(folder, 'client'), 'utf8')
    this.hostKey = readFileSync(join(folder, 'host.pub'), 'utf8')
    this.rsaHostKey = readFileSync(join(folder, 'host-rsa.pub'), 'utf8')
  }

  /** The file with the private key. */
  get keyFile(): string {
    return join(this.#folder, 'client')
  }

  /**
   * Writes a configuration for OpenSSH's client that knows this server's key, and nothing of the user who runs the test.
   * @param knownHosts lines of known_hosts. Default: the line of this server
   */
  clientConfig(lines = '', knownHosts = `[127.0.0.1]:${this.port} ${this.hostKey}`): string {
    const folder = mkdtempSync(join(this.#folder, 'client-'))
    writeFileSync(join(folder, 'known_hosts'), knownHosts)
    const file = join(folder, 'config')
    writeFileSync(
      file,
      `${lines}\nHost *\n  UserKnownHostsFile ${join(folder, 'known_hosts')}\n  GlobalKnownHostsFile none\n`,
    )
    return file
  }

  /** @param account Default: the user who runs the test, with a start file that prints */
  static async start(account?: Account): Promise<Sshd> {
    const sshd = new Sshd(mkdtempSync(join(tmpdir(), 'dr-drill-sshd-')), await freePort(), account)
    await sshd.listen()
    return sshd
  }

  async listen(): Promise<void> {
    // sshd confines itself to this folder, and does not start without it.
    if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true })
    // bash reads this at its start. Many a .bashrc prints by mistake. It replaces that of the user, which may be slow.
    const noise = join(this.#folder, 'noise')
    writeFileSync(noise, 'unset BASH_ENV; echo Welcome! >&2\n')
    const account = this.#account && Object.entries({ DRILL: 'yes', ...this.#account.env })
    const environment = account?.map(([name, value]) => `"${name}=${value}"`) ?? [
      `BASH_ENV=${noise}`,
      `HOME=${this.#folder}`,
    ]
    const config = join(this.#folder, 'sshd_config')
    writeFileSync(
      config,
      `ListenAddress 127.0.0.1
Port ${this.port}
HostKey ${join(this.#folder, 'host')}
HostKey ${join(this.#folder, 'host-rsa')}
AuthorizedKeysFile ${join(this.#folder, 'client.pub')}
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
SetEnv ${environment.join(' ')}
`,
    )
    // It ends when this process ends, for any reason.
    const argv = ['setpriv', '--pdeathsig', 'TERM', program, '-D', '-e', '-f', config]
    const [first = '', ...others] = this.#account === undefined ? argv : [...this.#asAccount(this.#account), ...argv]
    const started = spawn(first, others, { stdio: ['ignore', 'ignore', 'pipe'] })
    this.#process = started
    const messages: string[] = []
    for await (const line of createInterface(started.stderr)) {
      messages.push(line)
      if (line.startsWith('Server listening')) break
    }
    started.stderr.resume()
    if (started.exitCode !== null) throw new Error(`${program} does not start:\n${messages.join('\n')}`)
  }

  /** The command in front of the server's, which gives it a mount namespace with the account. */
  #asAccount({ shell, uid = 4711, home = {}, etc = {}, before = ':' }: Account): readonly string[] {
    const folder = join(this.#folder, 'home')
    mkdirSync(folder, { recursive: true })
    chmodSync(this.#folder, 0o755)
    for (const [name, text] of Object.entries(home)) {
      mkdirSync(join(folder, name, '..'), { recursive: true })
      writeFileSync(join(folder, name), text, { mode: 0o755 })
    }
    chownSync(folder, uid, uid)
    const sshdUser = readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .find((line) => line.startsWith('sshd:'))
    const files = {
      '/etc/passwd': `root:x:0:0::/root:/bin/sh\ndrill:x:${uid}:${uid}::${folder}:${shell}\n${sshdUser ?? ''}\n`,
      '/etc/shadow': 'root:*:19000::::::\ndrill:*:19000::::::\n',
      ...etc,
    }
    const binds = Object.entries(files).map(([path, text], index) => {
      const file = join(this.#folder, `etc-${index}`)
      writeFileSync(file, text)
      chmodSync(file, path === '/etc/passwd' ? 0o644 : 0o440)
      return `mount --bind ${file} ${path}`
    })
    const script = [...binds, before, 'shift', 'exec "$@"'].join('\n')
    return ['unshare', '--mount', 'sh', '-euc', script, 'sh', folder]
  }

  /** The number of its open connections. */
  get connections(): number {
    const pid = this.#process?.pid
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Number).length
  }

  /** Accepts no new connections. Open connections stay. */
  async stopListening(): Promise<void> {
    if (this.#process === undefined || this.#process.exitCode !== null || this.#process.signalCode !== null) return
    const exited = once(this.#process, 'exit')
    this.#process.kill('SIGTERM')
    await exited
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stopListening()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no free port on the loopback interface')
  return address.port
}
