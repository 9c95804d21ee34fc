import type { Duplex } from 'node:stream'
import { InputError } from '../../../errors.ts'
import { FolderLeases } from '../../../localhost/folder-leases.ts'
import { listLabFolders, removeLabFolder } from '../../../localhost/lab-folder.ts'
import { stoppedWatcher, stoppedWatchers } from '../../../localhost/watchers.ts'
import type { Engine, EngineHost, Hub, HubOptions, Residue } from '../engine.ts'
import { type ImageBuild, imageMissing } from '../recipe.ts'
import { buildGuestFiles, findGuestFiles, type GuestFiles, removeGuestFiles } from './guest-files.ts'
import { openHub } from './hub.ts'
import { hubPidOf } from './hub-id.ts'
import { relay } from './hub-relay.ts'
import { requireNamespaces } from './namespace-probe.ts'
import { labProcesses } from './processes.ts'

/** Runs guests as processes in namespaces of an ordinary user, without a container engine or root. */
export class EmbeddedEngine implements Engine {
  readonly name = 'embedded'
  readonly #leases = new FolderLeases()
  #files: GuestFiles | undefined

  check(): Promise<{ readonly version: string }> {
    return requireNamespaces()
  }

  /** The guests are child processes, with their disks in the folder for temporary files. */
  async host(): Promise<EngineHost> {
    return { isHere: true }
  }

  async image(): Promise<string | undefined> {
    return (await findGuestFiles())?.folder
  }

  async buildImage(build: ImageBuild): Promise<string> {
    return (await buildGuestFiles(build)).folder
  }

  removeImages = removeGuestFiles

  async openHub(options: HubOptions): Promise<Hub> {
    return openHub(await this.#guestFiles(), options)
  }

  async connectTo(hubId: string, address: string, port: number): Promise<Duplex> {
    return relay(await hubPidOf(hubId), await this.#guestFiles(), address, port)
  }

  async residue(): Promise<readonly Residue[]> {
    const [processes, folders, held, watchers] = await Promise.all([
      labProcesses(),
      listLabFolders(),
      this.#leases.list(),
      stoppedWatchers(),
    ])
    return [
      ...processes.map(({ pids, run, machine, owner }) => ({
        kind: 'process' as const,
        id: pids.join(' '),
        run,
        name: machine,
        running: true,
        ...(owner === undefined ? {} : { owner }),
      })),
      // The folder of a lab with running machines is in use.
      ...folders
        .filter(({ run }) => !processes.some((one) => one.run === run))
        .map(({ path, ...whose }) => ({ kind: 'folder' as const, id: path, name: path, ...whose })),
      ...held
        .filter(({ exists }) => exists)
        .map(({ path, owner }) => ({ kind: 'folder' as const, id: path, name: path, run: '', owner })),
      ...watchers.map(({ pid, folder, owner }) => {
        const name = `watcher of ${folder}`
        return { kind: 'process' as const, id: `${pid}`, name, run: '', owner, running: true }
      }),
    ]
  }

  async remove({ kind, id }: Residue): Promise<void> {
    if (kind === 'folder') await this.#removeFolder(id)
    else if (kind === 'process') for (const pid of id.split(' ')) await end(Number(pid))
    else throw new InputError(`the embedded engine does not create a ${kind}`)
  }

  async #removeFolder(path: string): Promise<void> {
    const held = (await this.#leases.list()).find((one) => one.path === path)
    if (held === undefined) await removeLabFolder(path)
    else await this.#leases.remove(held)
  }

  /** All labs of a run use the same image, even if someone edits its recipe meanwhile. */
  async #guestFiles(): Promise<GuestFiles> {
    this.#files ??= await findGuestFiles()
    if (this.#files === undefined) throw imageMissing(this.name)
    return this.#files
  }
}

/** Kills a process of a lab. A watcher goes on instead: it removes its folder itself, with the rights of its user. */
async function end(pid: number): Promise<void> {
  const signal = (await stoppedWatcher(pid)) === undefined ? 'SIGKILL' : 'SIGCONT'
  try {
    process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
