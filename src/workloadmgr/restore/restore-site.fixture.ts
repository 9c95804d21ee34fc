import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { backUp } from '../../backup/backup.ts'
import { planWorkloads } from '../../backup/backup-plan.ts'
import type { ImageRecord } from '../../backup/catalog.ts'
import { cloudFileText } from '../../identity/cloud-file.ts'
import { type CloudInput, cloudSchema } from '../../identity/cloud-schema.ts'
import { describeCloud } from '../../identity/described-cloud.ts'
import { digestSource } from '../../image/program.ts'
import { check } from '../../input/schema-check.ts'
import { LocalShell } from '../../shell/local.ts'
import { Sshd } from '../../shell/sshd.ts'
import { mountPathOf } from '../../target/mount-path.ts'
import { parseShare } from '../../target/share.ts'
import { openManager, type WorkloadManager } from '../manager.ts'
import type { ManagerConfig } from '../manager-config.ts'
import type { RestoreRequester } from './restore-permission.ts'

const user = { uid: 42_436, gid: 42_436 }
const program = join(import.meta.dirname, 'restore-program.fixture.ts')

/**
 * A site on this machine: a target that another site has written to, a workload manager, and two computes, which are one
 * SSH server that logs in as the product's user. The origin path of the images does not exist at first.
 */
export class RestoreSite implements AsyncDisposable {
  readonly folder: string
  readonly config: ManagerConfig
  readonly manager: WorkloadManager
  /** Images by their snapshot: one full and two incremental ones of one disk. */
  readonly images: readonly ImageRecord[]
  readonly originPath: string
  readonly mountPath: string
  readonly #sshd: Sshd

  private constructor(
    folder: string,
    sshd: Sshd,
    paths: { origin: string; mount: string },
    images: readonly ImageRecord[],
  ) {
    this.folder = folder
    this.#sshd = sshd
    this.images = images
    this.originPath = paths.origin
    this.mountPath = paths.mount
    const stateDirectory = join(folder, 'state')
    const instancesFolder = join(folder, 'instances')
    mkdirSync(join(stateDirectory, 'ssh'), { recursive: true })
    mkdirSync(instancesFolder)
    chownSync(instancesFolder, user.uid, user.gid)
    const known = sshd.clientConfig(`Host *\n  Port ${sshd.port}\n  User drill\n  IdentityFile ${sshd.keyFile}`)
    renameSync(known, join(stateDirectory, 'ssh', 'config'))
    this.config = {
      site: 'recovery',
      version: '4.1',
      cloudFile: join(folder, 'cloud.json'),
      stateDirectory,
      user,
      targets: [
        { name: 'target-1', type: 'nfs', share: '10.20.2.20:/replica', mountPath: paths.mount, isDefault: true },
      ],
      computes: ['compute-1', 'compute-2'].map((name) => ({ name, address: '127.0.0.1' })),
      instancesFolder,
    }
    writeFileSync(join(folder, 'workloadmgr.json'), JSON.stringify(this.config))
    this.describeCloud({})
    this.manager = openManager(this.config)
    this.manager.store.set('license', { file: 'license', sha256: '0', acceptedAt: '2026-01-01' })
    this.#addRows()
  }

  /** @param hasCopy true if computes see a copy of the target, `computePath`, so that a hold on it stops only them */
  static async start({ hasCopy = false } = {}): Promise<RestoreSite> {
    const folder = mkdtempSync(join(tmpdir(), 'restore-site-'))
    chmodSync(folder, 0o755)
    const paths = {
      origin: mountPathOf(join(folder, 'mounts'), parseShare('10.10.2.20:/upstream'), 'share'),
      mount: mountPathOf(join(folder, 'mounts'), parseShare('10.20.2.20:/replica'), 'share'),
    }
    mkdirSync(dirname(paths.origin))
    mkdirSync(paths.origin)
    chownSync(paths.origin, user.uid, user.gid)
    const { images } = await backUp(new LocalShell(), {
      user,
      mountPath: paths.origin,
      workDirectory: join(folder, 'live'),
      plan: planWorkloads('w', { workloads: [{ name: 'web', vms: [{ name: 'web-1', devices: ['vda', 'vdb'] }] }] }),
      snapshots: 3,
    })
    renameSync(paths.origin, paths.mount)
    const copy = join(folder, 'copy')
    if (hasCopy) execFileSync('cp', ['-a', '--sparse=always', paths.mount, copy])
    const before = hasCopy ? `mount --bind '${copy}' '${paths.mount}'` : ':'
    return new RestoreSite(folder, await Sshd.start({ shell: '/bin/sh', uid: user.uid, before }), paths, images)
  }

  /** Replaces the cloud: alice is a member of the project, and bob a reader, unless a change is given. */
  describeCloud(change: Partial<CloudInput>): void {
    const cloud: CloudInput = {
      projects: [{ name: 'shop' }],
      users: [
        { name: 'alice', roles: { shop: ['member'] } },
        { name: 'bob', roles: { shop: ['reader'] } },
      ],
      ...change,
    }
    const described = describeCloud(check(cloudSchema, cloud, 'test'), 'recovery', 'test')
    writeFileSync(join(this.folder, 'cloud.json'), cloudFileText(described))
  }

  /** The path of an image that only computes see. */
  onCompute({ path }: ImageRecord): string {
    return join(this.folder, 'copy', path)
  }

  requester(name: string): RestoreRequester {
    const { people } = this.manager.cloud
    const found = (all: readonly { readonly id: string; readonly name: string }[], wanted: string) =>
      all.find((one) => one.name === wanted)?.id ?? wanted
    return { userId: found(people.users, name), projectId: found(people.projects, 'shop') }
  }

  snapshotId(snapshot: number): string {
    return this.images.find((image) => image.snapshot === snapshot)?.snapshotId ?? ''
  }

  /** How jobs are started here. */
  get start() {
    const environment = { ...process.env, WORKLOADMGR_CONFIG: join(this.folder, 'workloadmgr.json') }
    return { program: [process.execPath, program], environment }
  }

  /** The content digests of files, in their order. */
  digestsOf(paths: readonly string[]): readonly string[] {
    const text = execFileSync('python3', ['-', ...paths], { input: digestSource, encoding: 'utf8', stdio: 'pipe' })
    return text
      .trim()
      .split('\n')
      .map((line) => line.slice(0, 64))
  }

  /** Keeps programs that open a file from reading it, until disposed of. */
  async hold(path: string): Promise<AsyncDisposable> {
    const text = `import fcntl, os, signal, sys
signal.signal(signal.SIGIO, signal.SIG_IGN)
fcntl.fcntl(os.open(sys.argv[1], os.O_RDWR), fcntl.F_SETLEASE, fcntl.F_WRLCK)
print(flush=True)
sys.stdin.read()`
    const holder = spawn('python3', ['-c', text, path], { stdio: ['pipe', 'pipe', 'inherit'] })
    await once(holder.stdout, 'data')
    return {
      [Symbol.asyncDispose]: async () => {
        holder.kill('SIGKILL')
        await once(holder, 'exit')
      },
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.manager[Symbol.dispose]()
    await this.#sshd[Symbol.asyncDispose]()
    rmSync(this.folder, { recursive: true })
  }

  #addRows(): void {
    const { store } = this.manager
    const [image] = this.images
    const { userId, projectId } = this.requester('alice')
    const flags = { isDeleted: false, isPinned: false, isDataDeleted: false, isScheduled: true, isEncrypted: false }
    const workloadId = image?.workloadId ?? ''
    store.workloads.add({
      ...{ id: workloadId, projectId, userId, name: 'web', status: 'available', target: 'target-1' },
      ...flags,
      schedule: "{'enabled': True, 'interval': '24hrs', 'fullbackup_interval': '-1'}",
    })
    for (const snapshot of [1, 2, 3])
      store.snapshots.add({
        ...{ id: this.snapshotId(snapshot), workloadId, projectId, userId, name: `web ${snapshot}` },
        ...{ type: snapshot === 1 ? 'full' : 'incremental', status: 'available', sizeBytes: 0, restoreSizeBytes: 0 },
        ...flags,
        createdAt: `2026-01-0${snapshot}T00:00:00.000Z`,
      })
  }
}
