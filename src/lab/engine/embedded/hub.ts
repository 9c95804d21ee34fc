import { execFile } from 'node:child_process'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { promisify } from 'node:util'
import { MachineError } from '../../../errors.ts'
import { makeLabFolder, removeLabFolder } from '../../../localhost/lab-folder.ts'
import type { Guest, GuestSpec, Hub, HubOptions } from '../engine.ts'
import { managementNetwork } from '../engine.ts'
import type { Lease } from '../lease.ts'
import { systemPath } from '../system-path.ts'
import { packDisks, unpackDisks } from './disks.ts'
import type { GuestFiles } from './guest-files.ts'
import { hubIdOf } from './hub-id.ts'
import { relay } from './hub-relay.ts'
import { LeasedProcess } from './leased-process.ts'
import { guestCommand, handOverCommand, hubCommand } from './namespace.ts'
import { marksOf } from './processes.ts'

/** Creates the namespaces of a lab, with its network in them. */
export async function openHub(files: GuestFiles, options: HubOptions): Promise<Hub> {
  const folder = await makeLabFolder(options)
  const environment = {
    ...marksOf(options, 'hub'),
    PATH: systemPath,
    MANAGEMENT: `${managementNetwork.hub}/${managementNetwork.prefixLength}`,
  }
  const leased = new LeasedProcess(`hub of lab ${options.lab}`, hubCommand(files, folder), environment, () => {})
  try {
    await leased.lease.command('ready')
    const { pid } = leased
    if (pid === undefined) throw new MachineError('engine-failed', 'cannot create namespaces: unshare did not start')
    return new EmbeddedHub(await hubIdOf(pid), pid, files, options, folder, leased)
  } catch (error) {
    await end(leased, folder)
    throw error
  }
}

async function end(leased: LeasedProcess, folder: string): Promise<void> {
  try {
    await leased.end()
  } finally {
    // The hub removes the folder itself, unless it was killed.
    await removeLabFolder(folder)
  }
}

/** Gives a guest's folder to the user that its processes run as. */
async function handOver(folder: string): Promise<void> {
  const [program, ...args] = handOverCommand(folder) ?? []
  if (program !== undefined) await promisify(execFile)(program, args, { env: { PATH: systemPath } })
}

class EmbeddedHub implements Hub {
  readonly id: string
  readonly #pid: number
  readonly #files: GuestFiles
  readonly #options: HubOptions
  readonly #folder: string
  readonly #leased: LeasedProcess

  constructor(id: string, pid: number, files: GuestFiles, options: HubOptions, folder: string, leased: LeasedProcess) {
    this.id = id
    this.#pid = pid
    this.#files = files
    this.#options = options
    this.#folder = folder
    this.#leased = leased
  }

  async addGuest(spec: GuestSpec): Promise<Guest> {
    const port = `p${spec.number}`
    await this.#leased.lease.command('plug', port)
    const folder = join(this.#folder, spec.name)
    await mkdir(join(folder, 'seed'), { recursive: true })
    for (const { name, content, mode } of spec.seed) await writeFile(join(folder, 'seed', name), content, { mode })
    for (const disks of spec.disks) await unpackDisks(disks, folder)
    await handOver(folder)
    const environment = {
      ...marksOf(this.#options, spec.name),
      PATH: systemPath,
      HOME: '/run/memory',
      TMPDIR: '/run/memory',
      PORT: port,
      MAC: `00:${spec.number.toString(16).padStart(2, '0')}`,
      MEMORY: `${spec.memoryMib}M`,
      DATA_DISK: `${spec.dataDiskGib}G`,
    }
    const command = guestCommand(this.#pid, this.#files, folder, spec.memoryMib)
    const leased = new LeasedProcess(spec.name, command, environment, spec.onConsole)
    return new EmbeddedGuest(spec.name, port, folder, leased, this.#leased.lease)
  }

  async connect(address: string, port: number): Promise<Duplex> {
    return relay(this.#pid, this.#files, address, port, this.#options.run)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await end(this.#leased, this.#folder)
  }
}

class EmbeddedGuest implements Guest {
  readonly name: string
  readonly #port: string
  readonly #folder: string
  readonly #leased: LeasedProcess
  readonly #hub: Lease

  constructor(name: string, port: string, folder: string, leased: LeasedProcess, hub: Lease) {
    this.name = name
    this.#port = port
    this.#folder = folder
    this.#leased = leased
    this.#hub = hub
  }

  start = (): Promise<void> => this.#leased.lease.command('start')
  powerCut = (): Promise<void> => this.#leased.lease.command('kill')
  pause = (): Promise<void> => this.#leased.lease.command('pause')
  resume = (): Promise<void> => this.#leased.lease.command('resume')
  saveDisks = (file: string): Promise<void> => packDisks(this.#folder, file)
  cut = (): Promise<void> => this.#hub.command('cut', this.#port)
  join = (): Promise<void> => this.#hub.command('join', this.#port)

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#leased.end()
    await rm(this.#folder, { recursive: true, force: true })
  }
}
