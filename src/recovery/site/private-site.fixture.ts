import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, afterEach, before, beforeEach } from 'node:test'
import { LocalShell } from '../../shell/local.ts'
import { inMountNamespace } from '../../shell/mount-namespace.ts'
import { type CommandOptions, type Shell, ShellError } from '../../shell/shell.ts'
import { makePlan, type PlanWithImages } from './make-plan.ts'
import type { NodeResult } from './node-result.ts'
import { type RecoverOptions, recover } from './recover.ts'
import { Records } from './recovery-records.ts'
import type { SiteHosts, SiteNode } from './site-hosts.ts'
import type { Thoroughness } from './verify.ts'

const isRoot = process.getuid?.() === 0

/** Why these tests are skipped. False if they are not. */
export const skip = !isRoot && 'needs root, to mount'

export const user = { uid: 65534, gid: 65534 }
const workload = 'workload_3c2fbee5-ad90-4448-b009-5047bcffc2ea'

/** A node: this machine with private mounts, a private /etc and a private /run. */
export class PrivateNode implements SiteNode, AsyncDisposable {
  readonly where: string
  readonly shell: Shell
  readonly #paths: SitePaths
  readonly #holder: ChildProcess

  private constructor(where: string, paths: SitePaths, holder: ChildProcess) {
    this.where = where
    this.#paths = paths
    this.#holder = holder
    const inside = inMountNamespace(new LocalShell(), this.mountNamespace)
    this.shell = { ...inside, where }
  }

  /** Starts a node that has the share mounted at the local path. */
  static async start(where: string, paths: SitePaths): Promise<PrivateNode> {
    const { local, data } = paths
    const fstab = `10.20.2.20:/replica ${local} nfs soft 0 0\n`
    const script = `mount -t tmpfs none /etc; mount -t tmpfs none /run; mount -t tmpfs none "$1"
      mkdir -p "$2" && mount --bind "$3" "$2" && printf %s "$4" >/etc/fstab && echo ready && exec sleep infinity`
    const args = ['--mount', '--propagation', 'private', 'sh', '-euc', script, 'sh', dirname(local), local, data, fstab]
    const holder = spawn('unshare', args, { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(holder.stdout, 'data')
    return new PrivateNode(where, paths, holder)
  }

  get mountNamespace(): string {
    return `/proc/${this.#holder.pid}/ns/mnt`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#holder.exitCode === null && this.#holder.kill('SIGKILL')) await once(this.#holder, 'exit')
  }

  /** Runs a script with the local path as `$1` and the origin path as `$2`. */
  async output(script: string): Promise<string> {
    const { local, origin } = this.#paths
    return (await this.shell.run({ script, args: [local, origin] })).stdout
  }

  /** All of the node that a recovery may change. */
  state(): Promise<string> {
    return this.output('cat /etc/fstab; ls -A /etc /run "${1%/*}"; findmnt -nro MAJ:MIN,FSROOT -M "$2" || :')
  }
}

/** A shell that loses its connection at a command: before it runs, or after. */
export class FailingShell implements Shell {
  readonly where: string
  readonly #shell: Shell
  readonly #at: number
  readonly #isAfter: boolean
  commands = 0

  constructor(shell: Shell, at: number, isAfter: boolean) {
    this.where = shell.where
    this.#shell = shell
    this.#at = at
    this.#isAfter = isAfter
  }

  readonly run: Shell['run'] = (command, options) => this.#do('run', command, options)
  readonly try: Shell['try'] = (command, options) => this.#do('try', command, options)

  async #do(how: 'run' | 'try', command: Parameters<Shell['run']>[0], options?: CommandOptions) {
    const isLost = ++this.commands >= this.#at
    if (isLost && !(this.#isAfter && this.commands === this.#at)) throw new ShellError(this.where, 'connection lost')
    const result = await this.#shell[how](command, options)
    if (isLost) throw new ShellError(this.where, 'connection lost')
    return result
  }
}

interface SitePaths {
  readonly local: string
  readonly origin: string
  /** The content of the share. */
  readonly data: string
}

/**
 * A site of three nodes, started anew for each test. Its target has one disk with a full image and two incremental ones, which
 * name their parents below the origin path.
 */
export class PrivateSite implements SitePaths {
  readonly folder = mkdtempSync(join(tmpdir(), 'recover-'))
  readonly local = `${this.folder}/triliovault-mounts/MTAuMjAuMi4yMDovcmVwbGljYQ==`
  readonly origin = `${this.folder}/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0=`
  readonly data = `${this.folder}/data`
  readonly signal = new AbortController().signal
  nodes: readonly PrivateNode[] = []
  records = new Records(this.folder)

  /** The path of a snapshot's image, below the target. */
  readonly image = (snapshot: number): string =>
    `${workload}/snapshot_${snapshot}/vm_id_1/vm_res_id_1_vda/image-${snapshot}`

  /** The folder of another disk, which the caller fills and removes. */
  otherDisk(): string {
    const disk = `${this.data}/workload_9/snapshot_1/vm_id_1/vm_res_id_1_vda`
    mkdirSync(disk, { recursive: true })
    return disk
  }

  removeOtherDisk(): void {
    rmSync(`${this.data}/workload_9`, { recursive: true })
  }

  /** Gives all images to the product's user. */
  chown(): void {
    execFileSync('chown', ['-R', `${user.uid}:${user.gid}`, this.data])
  }

  writeTarget(): void {
    const { folder, data, origin } = this
    for (const path of [dirname(this.local), ...[0, 1, 2].map((index) => `${data}/${dirname(this.image(index))}`)])
      mkdirSync(path, { recursive: true })
    const qemuImg = (...args: string[]) => execFileSync('qemu-img', args)
    writeFileSync(`${folder}/raw`, Buffer.alloc(1 << 20, 'content'))
    qemuImg('convert', '-O', 'qcow2', `${folder}/raw`, `${data}/${this.image(0)}`)
    for (const index of [1, 2]) {
      const [path, parent] = [`${data}/${this.image(index)}`, `${data}/${this.image(index - 1)}`]
      qemuImg('create', '-q', '-f', 'qcow2', '-b', parent, '-F', 'qcow2', path)
      execFileSync('qemu-io', ['-c', `write -P ${index} ${index * 65536} 64k`, path])
    }
    for (const index of [1, 2])
      qemuImg('rebase', '-u', '-F', 'qcow2', '-b', `${origin}/${this.image(index - 1)}`, `${data}/${this.image(index)}`)
    this.chown()
    execFileSync('chmod', ['755', folder])
  }

  /** The content of all files of the target. */
  targetState(): string {
    const script = 'find "$1" -type f -printf "%p %s %T@ %U:%G\\n" -exec sha256sum {} \\; | sort'
    return execFileSync('sh', ['-euc', script, 'sh', this.data], { encoding: 'utf8' })
  }

  hosts(nodes: readonly SiteNode[] = this.nodes): SiteHosts {
    return { site: 'a', nodes, targets: [this.local], user: undefined, mountedBy: undefined }
  }

  plan(nodes?: readonly SiteNode[], strategy = 'bind-mount'): Promise<PlanWithImages> {
    const request = { strategy, persist: true, nowMs: Date.now(), signal: this.signal }
    return makePlan(this.hosts(nodes), request)
  }

  options(thoroughness: Thoroughness = 'all'): RecoverOptions {
    const { records, signal } = this
    return { records, thoroughness, concurrency: 2, nowMs: Date.now(), signal, report: () => {} }
  }

  /** Carries out the plan for all nodes, on the given ones. */
  async recover(nodes?: readonly SiteNode[], thoroughness?: Thoroughness): Promise<readonly NodeResult[]> {
    const { plan, images } = await this.plan()
    return await recover(this.hosts(nodes), plan, images, this.options(thoroughness))
  }

  /** All of the nodes that a recovery may change. */
  states(): Promise<readonly string[]> {
    return Promise.all(this.nodes.map((node) => node.state()))
  }
}

/** A site for the tests of a suite. */
export function usePrivateSite(): PrivateSite {
  const site = new PrivateSite()
  before(() => site.writeTarget())
  after(() => rmSync(site.folder, { recursive: true, force: true }))
  beforeEach(async () => {
    const names = ['a/appliance', 'a/compute-1', 'a/compute-2']
    site.nodes = await Promise.all(names.map((where) => PrivateNode.start(where, site)))
    site.records = new Records(mkdtempSync(join(site.folder, 'records-')))
  })
  afterEach(async () => {
    await Promise.all(site.nodes.map((node) => node[Symbol.asyncDispose]()))
  })
  return site
}

export const statesOf = (results: readonly NodeResult[]): readonly string[] => results.map(({ state }) => state)
