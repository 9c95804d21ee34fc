import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { type KeyPair, makeKeyPair } from '../shell/key-pair.ts'
import type { Shell } from '../shell/shell.ts'
import { type Engine, type GuestSpec, type Hub, managementNetwork, type SeedFile } from './engine/engine.ts'
import { BootLog } from './machine/boot-log.ts'
import { Machine, type MachineRole } from './machine/machine.ts'
import type { SavedMachine } from './machine/saved-machine.ts'
import type { SavedLab } from './saved-lab.ts'
import type { Site } from './site.ts'
import { toolDisk } from './tool/tool-disk.ts'
import type { SeedIdentity } from './topology/seed.ts'

export interface LabOptions {
  readonly engine: Engine
  /** The run that owns the lab. */
  readonly run: string
  /** Unique in the run, e.g. `lab-1`. */
  readonly name: string
  /** The folder for boot logs, which is created if necessary. */
  readonly logFolder: string
  /** Interrupts every wait and every command. The lab must still be disposed. */
  readonly signal: AbortSignal
  /** Wraps the shell of each machine, e.g. to record commands. */
  readonly wrapShell?: (shell: Shell) => Shell
  /** Called before each machine starts, so that the ledger lists it. */
  readonly onMachine?: (entry: LabEntry) => Promise<void>
  /** Called for each machine that has booted. */
  readonly onUp?: (machine: Machine) => Promise<void>
  /** Called for each new site whose nodes have booted, with the key that all machines show. Not for saved sites. */
  readonly onSite?: (site: Site, hostPublicKey: string) => Promise<void>
}

/** What another process needs to enter a machine. */
export interface LabEntry {
  readonly lab: string
  readonly hubId: string
  readonly name: string
  readonly where: string
  readonly managementAddress: string
  readonly hostPublicKey: string
  readonly clientPrivateKey: string
}

/** A machine to start. */
export interface MachineRequest {
  readonly name: string
  readonly where: string
  readonly role: MachineRole
  readonly address: string
  readonly memoryMib: number
  readonly seedOf: (identity: SeedIdentity) => readonly SeedFile[]
  /** True if the product's service runs in a container. */
  readonly hasContainer?: boolean
  /** True to attach the disk with dr-drill itself. */
  readonly hasTool?: boolean
  /** Start from copies of these disks instead of new ones. */
  readonly saved?: SavedMachine | undefined
}

/** Starts the machines of one lab, with the same keys and in the same network. */
export class MachineStarter {
  readonly clientKey: KeyPair
  readonly hostKey: KeyPair
  readonly #hub: Hub
  readonly #options: LabOptions
  readonly #bringUp = randomUUID()
  #lastNumber: number

  /** @param saved the lab whose keys are used. Default: new keys */
  constructor(hub: Hub, options: LabOptions, saved?: SavedLab) {
    this.#hub = hub
    this.#options = options
    // From their first boot on, machines accept our key and know each other's.
    this.clientKey = saved?.clientKey ?? makeKeyPair('dr-drill')
    this.hostKey = saved?.hostKey ?? makeKeyPair('dr-drill lab')
    this.#lastNumber = Math.max(0, ...(saved?.machines ?? []).map(({ number }) => number))
  }

  /**
   * Starts a machine and waits until it has booted.
   * @param onGuest called before the boot, so that the machine is ended with the lab if the boot fails
   * @throws MachineError if it does not boot, or does not mount its file systems
   */
  async start(request: MachineRequest, onGuest: (machine: Machine) => void): Promise<Machine> {
    const { name, where, role, address, hasContainer = false, saved } = request
    const { clientKey, hostKey } = this
    const number = saved?.number ?? ++this.#lastNumber
    const managementAddress = managementNetwork.addressOf(number)
    const log = new BootLog(join(this.#options.logFolder, `${name}.log`))
    const spec: GuestSpec = {
      name,
      number,
      memoryMib: request.memoryMib,
      dataDiskGib: 32,
      seed: request.seedOf({ name, number, address, hostKey, clientKey, bringUp: this.#bringUp }),
      disks: [...(saved === undefined ? [] : [saved.disks]), ...(request.hasTool ? [await toolDisk()] : [])],
      onConsole: (chunk) => log.write(chunk),
    }
    await this.#options.onMachine?.({
      lab: this.#options.name,
      hubId: this.#hub.id,
      name,
      where,
      managementAddress,
      hostPublicKey: hostKey.publicKey,
      clientPrivateKey: clientKey.privateKey,
    })
    const guest = await this.#hub.addGuest(spec)
    const machine = new Machine({
      name,
      number,
      where,
      role,
      address,
      hasContainer,
      guest,
      log,
      hostKey,
      clientKey,
      connect: () => this.#hub.connect(managementAddress, 22),
      wrapShell: this.#options.wrapShell ?? ((shell) => shell),
      signal: this.#options.signal,
    })
    onGuest(machine)
    await machine.start()
    machine.requireMounts()
    await this.#options.onUp?.(machine)
    return machine
  }
}
