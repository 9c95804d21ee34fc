import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const program = '/usr/sbin/sshd'

/** Why an `Sshd` cannot start here, as the reason for skipping tests. Undefined if it can start. */
export function whyNoSshd(): string | undefined {
  try {
    accessSync(program, constants.X_OK)
    return undefined
  } catch {
    return `${program} is not installed (Debian: openssh-server)`
  }
}

/** OpenSSH's server on the loopback interface, with keys of its own, default limits and a login shell that prints. */
export class Sshd implements AsyncDisposable {
  readonly username = userInfo().username
  readonly port: number
  readonly privateKey: string
  readonly hostKey: string
  readonly rsaHostKey: string
  readonly #folder: string
  #process: ChildProcess | undefined

  private constructor(folder: string, port: number) {
    this.#folder = folder
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

  static async start(): Promise<Sshd> {
    const sshd = new Sshd(mkdtempSync(join(tmpdir(), 'dr-drill-sshd-')), await freePort())
    await sshd.listen()
    return sshd
  }

  async listen(): Promise<void> {
    // sshd confines itself to this folder, and does not start without it.
    if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true })
    // bash reads this at its start. Many a .bashrc prints by mistake. It replaces that of the user, which may be slow.
    const noise = join(this.#folder, 'noise')
    writeFileSync(noise, 'unset BASH_ENV; echo Welcome! >&2\n')
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
SetEnv BASH_ENV=${noise} HOME=${this.#folder}
`,
    )
    // It ends when this process ends, for any reason.
    const started = spawn('setpriv', ['--pdeathsig', 'TERM', program, '-D', '-e', '-f', config], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    this.#process = started
    const messages: string[] = []
    for await (const line of createInterface(started.stderr)) {
      messages.push(line)
      if (line.startsWith('Server listening')) break
    }
    started.stderr.resume()
    if (started.exitCode !== null) throw new Error(`${program} does not start:\n${messages.join('\n')}`)
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
