import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { StartedCommand } from './started-command.fixture.ts'

const drill = fileURLToPath(new URL('./bin.ts', import.meta.url))
/** Halves the time of a short command. It costs no coverage, because commands of a host do not write any. */
const compiled = fileURLToPath(new URL('../../node_modules/.cache/compiled', import.meta.url))

/** How a command ended, and what it printed. */
export interface CommandEnd {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/**
 * This machine with private mounts, a private /etc and a private /run. Its share is mounted, and holds a full image and an
 * incremental one that names it below the origin path. Commands run there.
 */
export class SiteHost implements AsyncDisposable {
  readonly folder: string
  readonly local: string
  readonly origin: string
  /** The content of the share. */
  readonly data: string
  readonly #holder: ChildProcess

  private constructor(folder: string, holder: ChildProcess) {
    this.folder = folder
    const { local, origin, data } = pathsIn(folder)
    this.local = local
    this.origin = origin
    this.data = data
    this.#holder = holder
  }

  static async start(): Promise<SiteHost> {
    const folder = mkdtempSync(join(tmpdir(), 'site-host-'))
    const { local, data } = pathsIn(folder)
    writeTarget(folder)
    mkdirSync(`${folder}/etc`)
    // Programs look up users here.
    for (const file of ['passwd', 'group', 'nsswitch.conf'])
      cpSync(`/etc/${file}`, `${folder}/etc/${file}`, { dereference: true })
    writeFileSync(`${folder}/etc/fstab`, `10.20.2.20:/replica ${local} nfs soft 0 0\n`)
    const script = `mount --bind "$1/etc" /etc; mount -t tmpfs none /run
      mkdir -p "$2" && mount --bind "$3" "$2" && echo ready && exec sleep infinity`
    const args = ['--mount', '--propagation', 'private', 'sh', '-euc', script, 'sh', folder, local, data]
    const holder = spawn('unshare', args, { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(holder.stdout, 'data')
    return new SiteHost(folder, holder)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#holder.exitCode === null && this.#holder.kill('SIGKILL')) await once(this.#holder, 'exit')
    rmSync(this.folder, { recursive: true, force: true })
  }

  /** Runs a command without a terminal. */
  drill(...args: readonly string[]): Promise<CommandEnd> {
    return this.#call([process.execPath, drill, ...args])
  }

  /** Runs a command at a terminal, where a person types. */
  drillAtTerminal(typed: string, ...args: readonly string[]): Promise<CommandEnd> {
    const command = [process.execPath, drill, ...args].map((word) => `'${word}'`).join(' ')
    return this.#call(['script', '-qec', command, '/dev/null'], typed)
  }

  async output(script: string): Promise<string> {
    const { stdout } = await this.#call(['sh', '-euc', script, 'sh', this.local, this.origin])
    return stdout
  }

  /** All that a recovery may change. */
  state(): Promise<string> {
    return this.output(`cat /etc/fstab; ls -A /etc /run "\${1%/*}"; findmnt -nro MAJ:MIN,FSROOT -M "$2" || :
      for image in "$1"/*/*/*/*/*; do sha256sum "$image"; done`)
  }

  /**
   * Starts a command that is to be interrupted.
   * @param programs a folder with programs that come before those of this machine
   */
  start(args: readonly string[], { isAtTerminal = false, programs = '' } = {}): StartedCommand {
    const inside = ['nsenter', `--mount=/proc/${this.#holder.pid}/ns/mnt`, '--']
    const env = { ...this.#environment, PATH: `${programs}${programs && ':'}${process.env['PATH']}` }
    return new StartedCommand([...inside, process.execPath, drill, ...args], { env, isAtTerminal })
  }

  get #environment() {
    return {
      PATH: process.env['PATH'],
      XDG_STATE_HOME: `${this.folder}/state`,
      NODE_COMPILE_CACHE: compiled,
      TZ: 'UTC',
    }
  }

  async #call([program = '', ...args]: readonly string[], typed = ''): Promise<CommandEnd> {
    const called = spawn('nsenter', [`--mount=/proc/${this.#holder.pid}/ns/mnt`, '--', program, ...args], {
      env: this.#environment,
    })
    const output = { stdout: '', stderr: '' }
    for (const stream of ['stdout', 'stderr'] as const)
      called[stream].setEncoding('utf8').on('data', (text: string) => {
        output[stream] += text
      })
    // A command that reads nothing may have ended before anything is written.
    called.stdin.on('error', () => {}).end(typed)
    const [code] = (await once(called, 'close')) as [number | null]
    return { code, ...output }
  }
}

function pathsIn(folder: string) {
  const base = `${folder}/triliovault-mounts`
  return {
    local: `${base}/MTAuMjAuMi4yMDovcmVwbGljYQ==`,
    origin: `${base}/MTAuMTAuMi4yMDovdXBzdHJlYW0=`,
    data: `${folder}/data`,
  }
}

function writeTarget(folder: string): void {
  const { origin, data } = pathsIn(folder)
  const workload = 'workload_3c2fbee5-ad90-4448-b009-5047bcffc2ea'
  const [full, next] = [1, 2].map((one) => `${workload}/snapshot_${one}/vm_id_1/vm_res_id_1_vda/image-${one}`)
  const qemuImg = (...args: string[]) => execFileSync('qemu-img', args)
  for (const image of [full, next]) mkdirSync(dirname(`${data}/${image}`), { recursive: true })
  qemuImg('create', '-q', '-f', 'qcow2', `${data}/${full}`, '1M')
  qemuImg('create', '-q', '-f', 'qcow2', '-b', `${data}/${full}`, '-F', 'qcow2', `${data}/${next}`)
  qemuImg('rebase', '-u', '-F', 'qcow2', '-b', `${origin}/${full}`, `${data}/${next}`)
  execFileSync('chown', ['-R', '65534:65534', data])
  execFileSync('chmod', ['755', folder])
}
