import { randomUUID } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { InputError } from '../errors.ts'
import { thisProcess } from '../localhost/process-identity.ts'
import { type KeyPair, makeKeyPair } from '../shell/key-pair.ts'
import type { Shell } from '../shell/shell.ts'
import { readCapacity, requireCapacity } from './capacity.ts'
import { type Engine, type GuestSpec, type Hub, managementNetwork, type SeedFile } from './engine/engine.ts'
import { BootLog } from './machine/boot-log.ts'
import { Machine, type Role } from './machine/machine.ts'
import { remount } from './machine/remount.ts'
import { type SavedLab, type SavedMachine, saveMachine, verifySaved } from './saved-lab.ts'
import type { Server, Site } from './site.ts'
import { toolDisk } from './tool/tool-disk.ts'
import { nodeSeed, type SeedIdentity, serverSeed } from './topology/seed.ts'
import { type ServerPlan, type SitePlan, type Topology, withVersion } from './topology/topology.ts'

export interface LabOptions {
  readonly engine: Engine
  /** The run that owns it. */
  readonly run: string
  /** Unique in its run, e.g. `lab-1`. */
  readonly name: string
  /** Where the boot logs go; made when it is not there. */
  readonly logFolder: string
  /** Ends every wait and every command; ending the lab is still up to who disposes it. */
  readonly signal: AbortSignal
  /** Wraps each machine's shell, e.g. to record what is run. */
  readonly wrapShell?: (shell: Shell) => Shell
  /** Told of the hub and of each machine before it starts, so that a ledger knows of it. */
  readonly onMachine?: (entry: LabEntry) => Promise<void>
  /** Told of each machine that is up. */
  readonly onUp?: (machine: Machine) => void
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

/** Servers and sites of real kernels on one network, which nobody else is on. */
export class Lab implements AsyncDisposable {
  readonly name: string
  readonly #options: LabOptions
  readonly #hub: Hub
  readonly #clientKey: KeyPair
  readonly #hostKey: KeyPair
  readonly #bringUp = randomUUID()
  readonly #machines = new Map<string, Machine>()
  readonly #servers = new Map<string, Server>()
  readonly #sites = new Map<string, Site>()
  readonly #numberOfMachine = new Map<string, number>()
  /** What machines begin with instead of new disks. */
  #saved: ReadonlyMap<string, SavedMachine> = new Map()
  #numbers = 0

  private constructor(options: LabOptions, hub: Hub, saved?: SavedLab) {
    this.name = options.name
    // Machines know each other's and our keys, from their first boot on.
    this.#clientKey = saved?.clientKey ?? makeKeyPair('dr-drill')
    this.#hostKey = saved?.hostKey ?? makeKeyPair('dr-drill lab')
    this.#options = options
    this.#hub = hub
  }

  /** An empty lab. */
  static async open(options: LabOptions): Promise<Lab> {
    return new Lab(options, await openHub(options))
  }

  /**
   * A lab with the machines of one that was saved, on copies of their disks, at the same addresses.
   * @throws MachineError when what comes up is not the same
   */
  static async restore(saved: SavedLab, options: LabOptions): Promise<Lab> {
    const lab = new Lab(options, await openHub(options), saved)
    try {
      await lab.#restore(saved)
      return lab
    } catch (error) {
      await lab[Symbol.asyncDispose]()
      throw error
    }
  }

  /**
   * Switches all machines off, in an orderly way, and writes their disks to a folder. It cannot be used after that.
   * @throws InputError when a site has lost some of its machines
   */
  async save(folder: string): Promise<SavedLab> {
    const machines = this.machines
    const isHere = ({ name }: Machine) => this.#machines.has(name)
    const [sites, servers] = [[...this.#sites.values()], [...this.#servers.values()]]
    for (const { nodes, plan } of sites)
      if (nodes.some(isHere) && !nodes.every(isHere))
        throw new InputError(`the site ${plan.name} has lost some of its machines`)
    const saved = await Promise.all(
      machines.map((machine) => saveMachine(machine, this.#numberOf(machine.name), folder)),
    )
    return {
      folder,
      clientKey: this.#clientKey,
      hostKey: this.#hostKey,
      machines: saved,
      servers: servers.filter(({ machine }) => isHere(machine)).map(({ plan }) => plan),
      sites: sites.filter(({ appliance }) => isHere(appliance)).map(({ plan }) => plan),
      lost: {
        servers: servers.filter(({ machine }) => !isHere(machine)),
        sites: sites.filter(({ appliance }) => !isHere(appliance)),
      },
    }
  }

  /**
   * Brings servers and sites up, all of them at once. When one fails, the lab is to be disposed.
   *
   * @throws InputError for a name or address that is taken; MachineError when something does not come up
   */
  async add(topology: Topology): Promise<void> {
    this.#refuseTaken(topology)
    const memoryMib = topology.sites.flatMap(({ nodes }) => nodes.map((node) => node.memoryMib))
    const capacity = await readCapacity(this.#options.engine)
    requireCapacity([...memoryMib, ...topology.servers.map(() => serverMemoryMib)], capacity)
    const servers = topology.servers.map((plan) => this.#addServer(plan))
    const sites = topology.sites.map((plan) => this.#addSite(plan))
    const outcomes = await Promise.allSettled([...servers, ...sites])
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
  }

  /** What lets others in, and what its machines show. */
  get keys(): { readonly clientPrivate: string; readonly hostPublic: string } {
    return { clientPrivate: this.#clientKey.privateKey, hostPublic: this.#hostKey.publicKey }
  }

  get machines(): readonly Machine[] {
    return [...this.#machines.values()]
  }

  get sites(): readonly Site[] {
    return [...this.#sites.values()]
  }

  /** @throws InputError that lists the sites there are */
  site(name: string): Site {
    return this.#sites.get(name) ?? this.#unknown('site', name, this.#sites)
  }

  /** The site that a machine belongs to. @throws InputError when it belongs to none */
  siteOf(machine: Machine): Site {
    const site = [...this.#sites.values()].find(({ nodes }) => nodes.includes(machine))
    if (site === undefined) throw new InputError(`${machine.where} belongs to no site`)
    return site
  }

  /** Whether a server of the lab exports it. */
  exports(share: string): boolean {
    return [...this.#servers.values()].some(({ plan }) => plan.shares.some((one) => one.share.text === share))
  }

  /** The site's product becomes another version, which may mount its shares elsewhere. */
  async upgrade(name: string, version: string): Promise<void> {
    const site = this.site(name)
    if (site.plan.mountedBy === 'product' || site.plan.container)
      throw new InputError(`the site ${name} cannot be upgraded: its shares are not mounted by fstab, on the host`)
    const plan = withVersion(site.plan, version)
    await Promise.all(site.nodes.map((node) => remount(node, site.plan, plan)))
    this.#sites.set(name, { ...site, plan })
  }

  /** From here on, this is how its site is configured; what that takes on its nodes is up to the caller. */
  reconfigure(plan: SitePlan): void {
    this.#sites.set(plan.name, { ...this.site(plan.name), plan })
  }

  /** By address or name. @throws InputError that lists the servers there are */
  server(name: string): Machine {
    const found = this.#servers.get(name) ?? [...this.#servers.values()].find(({ plan }) => plan.address === name)
    return found?.machine ?? this.#unknown('server', name, this.#servers)
  }

  /** By its whole name (`recovery-compute-1`). @throws InputError that lists the machines there are */
  machine(name: string): Machine {
    return this.#machines.get(name) ?? this.#unknown('machine', name, this.#machines)
  }

  /** Ends the machines, all at once, for good. */
  async remove(names: readonly string[]): Promise<void> {
    const machines = names.map((name) => this.machine(name))
    for (const name of names) this.#machines.delete(name)
    await endAll(machines)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const machines = [...this.#machines.values()]
    this.#machines.clear()
    await endAll([...machines, this.#hub])
  }

  async #addServer(plan: ServerPlan): Promise<void> {
    const machine = await this.#addMachine(plan.name, plan.name, 'server', plan.address, serverMemoryMib, (identity) =>
      serverSeed(identity, plan),
    )
    this.#servers.set(plan.name, { plan, machine })
  }

  async #addSite(plan: SitePlan): Promise<void> {
    const nodes = await Promise.all(
      plan.nodes.map((node) =>
        this.#addMachine(
          `${plan.name}-${node.name}`,
          `${plan.name}/${node.name}`,
          node.role,
          node.address,
          node.memoryMib,
          (identity) => nodeSeed(identity, plan),
          { hasContainer: plan.container !== undefined, hasTool: plan.hasTool },
        ),
      ),
    )
    const appliance = nodes.find(({ role }) => role === 'appliance')
    if (appliance === undefined) throw new InputError(`the site ${plan.name} has no appliance`)
    this.#sites.set(plan.name, { plan, nodes, appliance, computes: nodes.filter(({ role }) => role === 'compute') })
  }

  async #addMachine(
    name: string,
    where: string,
    role: Role,
    address: string,
    memoryMib: number,
    seedOf: (identity: SeedIdentity) => readonly SeedFile[],
    { hasContainer = false, hasTool = false } = {},
  ): Promise<Machine> {
    const saved = this.#saved.get(name)
    const number = saved?.number ?? ++this.#numbers
    this.#numberOfMachine.set(name, number)
    const managementAddress = managementNetwork.addressOf(number)
    const hostKey = this.#hostKey
    const clientKey = this.#clientKey
    const log = new BootLog(join(this.#options.logFolder, `${name}.log`))
    const spec: GuestSpec = {
      name,
      number,
      memoryMib,
      dataDiskGib: 32,
      seed: seedOf({ name, number, address, hostKey, clientKey, bringUp: this.#bringUp }),
      disks: [...(saved === undefined ? [] : [saved.disks]), ...(hasTool ? [await toolDisk()] : [])],
      onConsole: (chunk) => log.write(chunk),
    }
    await this.#options.onMachine?.({
      lab: this.name,
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
    this.#machines.set(name, machine)
    await machine.start()
    machine.requireMounts()
    this.#options.onUp?.(machine)
    return machine
  }

  async #restore(saved: SavedLab): Promise<void> {
    // What was lost stays known, and stays lost.
    for (const server of saved.lost.servers) this.#servers.set(server.plan.name, server)
    for (const site of saved.lost.sites) this.#sites.set(site.plan.name, site)
    this.#numbers = Math.max(...saved.machines.map(({ number }) => number))
    this.#saved = new Map(saved.machines.map((machine) => [machine.name, machine]))
    await this.add(saved)
    this.#saved = new Map()
    await Promise.all(saved.machines.map((machine) => verifySaved(machine, this.machine(machine.name))))
  }

  #numberOf(name: string): number {
    return this.#numberOfMachine.get(name) ?? this.#unknown('machine', name, this.#machines)
  }

  #refuseTaken({ servers, sites }: Topology): void {
    const names = [
      ...servers.map(({ name }) => name),
      ...sites.flatMap((site) => site.nodes.map((node) => `${site.name}-${node.name}`)),
    ]
    const addresses = [...servers, ...sites.flatMap(({ nodes }) => nodes)].map(({ address }) => address)
    for (const machine of this.machines) {
      if (names.includes(machine.name)) throw new InputError(`the lab has a machine ${machine.name} already`)
      if (addresses.includes(machine.address))
        throw new InputError(`the address ${machine.address} belongs to ${machine.where} already`)
    }
  }

  #unknown(what: string, name: string, known: ReadonlyMap<string, unknown>): never {
    throw new InputError(`the lab has no ${what} "${name}"; it has ${[...known.keys()].join(', ') || 'none'}`)
  }
}

const serverMemoryMib = 320

async function openHub({ engine, run, name: lab, logFolder, signal }: LabOptions): Promise<Hub> {
  signal.throwIfAborted()
  await mkdir(logFolder, { recursive: true })
  return await engine.openHub({ run, lab, owner: await thisProcess() })
}

/** All of them are ended, whatever happens to one; the first error is the one that is thrown. */
async function endAll(ends: readonly AsyncDisposable[]): Promise<void> {
  const outcomes = await Promise.allSettled(ends.map((end) => end[Symbol.asyncDispose]()))
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
}
