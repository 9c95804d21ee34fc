import { mkdir } from 'node:fs/promises'
import { InputError } from '../errors.ts'
import { thisProcess } from '../localhost/process-identity.ts'
import { readCapacity, requireCapacity } from './engine/capacity.ts'
import type { Hub } from './engine/engine.ts'
import type { Machine } from './machine/machine.ts'
import { remount } from './machine/remount.ts'
import { type SavedMachine, saveMachine, verifySaved } from './machine/saved-machine.ts'
import { type LabOptions, type MachineRequest, MachineStarter } from './machine-starter.ts'
import type { SavedLab } from './saved-lab.ts'
import type { MailServer, Server, Service, Site } from './site.ts'
import { mailPassword, mailSeed, mailUser, nodeSeed, serverSeed } from './topology/seed.ts'
import { hasToolOn, type SitePlan, withVersion } from './topology/site-plan.ts'
import type { ServerPlan, ServicePlan, Topology } from './topology/topology.ts'

export type { LabEntry, LabOptions } from './machine-starter.ts'

const serverMemoryMib = 320

/** Machines by name, with the disks that they start from. */
type SavedByName = ReadonlyMap<string, SavedMachine>

/** Servers and sites of real kernels in an isolated network. */
export class Lab implements AsyncDisposable {
  readonly name: string
  readonly #options: LabOptions
  readonly #hub: Hub
  readonly #starter: MachineStarter
  readonly #machines = new Map<string, Machine>()
  readonly #servers = new Map<string, Server>()
  readonly #sites = new Map<string, Site>()
  readonly #services = new Map<string, Service>()

  private constructor(options: LabOptions, hub: Hub, saved?: SavedLab) {
    this.name = options.name
    this.#options = options
    this.#hub = hub
    this.#starter = new MachineStarter(hub, options, saved)
  }

  /** Opens an empty lab. */
  static async open(options: LabOptions): Promise<Lab> {
    return new Lab(options, await openHub(options))
  }

  /**
   * Opens a lab with the machines of a saved lab, on copies of their disks and at the same addresses.
   * @throws MachineError if a machine differs from the saved one
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
   * Switches all machines off after a sync, and writes their disks to a folder. The lab cannot be used afterwards.
   * @throws InputError if a site has lost some of its machines
   */
  async save(folder: string): Promise<SavedLab> {
    const isHere = ({ name }: Machine) => this.#machines.has(name)
    const [sites, servers, services] = [
      [...this.#sites.values()],
      [...this.#servers.values()],
      [...this.#services.values()],
    ]
    for (const { nodes, plan } of sites)
      if (nodes.some(isHere) && !nodes.every(isHere))
        throw new InputError(`site ${plan.name} has lost some of its machines`)
    const { clientKey, hostKey } = this.#starter
    return {
      folder,
      clientKey,
      hostKey,
      machines: await Promise.all(this.machines.map((machine) => saveMachine(machine, folder))),
      servers: servers.filter(({ machine }) => isHere(machine)).map(({ plan }) => plan),
      sites: sites.filter(({ appliance }) => isHere(appliance)).map(({ plan }) => plan),
      services: services.filter(({ machine }) => isHere(machine)).map(({ plan }) => plan),
      lost: {
        servers: servers.filter(({ machine }) => !isHere(machine)),
        services: services.filter(({ machine }) => !isHere(machine)),
        sites: sites.filter(({ appliance }) => !isHere(appliance)),
      },
    }
  }

  /**
   * Starts servers and sites, all at the same time. If one fails, dispose the lab.
   *
   * @throws InputError for a name or address that is in use; MachineError if a machine does not boot
   */
  async add(topology: Topology): Promise<void> {
    await this.#add(topology, new Map())
  }

  /** The private key that machines accept, and the public key that they show. */
  get keys(): { readonly clientPrivate: string; readonly hostPublic: string } {
    return { clientPrivate: this.#starter.clientKey.privateKey, hostPublic: this.#starter.hostKey.publicKey }
  }

  get machines(): readonly Machine[] {
    return [...this.#machines.values()]
  }

  get sites(): readonly Site[] {
    return [...this.#sites.values()]
  }

  /** @throws InputError that lists the existing sites */
  site(name: string): Site {
    return this.#sites.get(name) ?? this.#unknown('site', name, this.#sites)
  }

  /** The site of a machine. @throws InputError for a server */
  siteOf(machine: Machine): Site {
    const site = [...this.#sites.values()].find(({ nodes }) => nodes.includes(machine))
    if (site === undefined) throw new InputError(`${machine.where} does not belong to a site`)
    return site
  }

  /** True if a server of the lab exports the share. */
  exports(share: string): boolean {
    return [...this.#servers.values()].some(({ plan }) => plan.shares.some((one) => one.share.text === share))
  }

  /** Upgrades the product of a site, and remounts the shares where the new version mounts them. */
  async upgrade(name: string, version: string): Promise<void> {
    const site = this.site(name)
    if (site.plan.mountedBy === 'product' || site.plan.container)
      throw new InputError(`cannot upgrade site ${name}: its shares are not mounted by /etc/fstab on the host`)
    const plan = withVersion(site.plan, version)
    await Promise.all(site.nodes.map((node) => remount(node, site.plan, plan)))
    this.#sites.set(name, { ...site, plan })
  }

  /** Replaces the plan of a site. The caller changes the nodes accordingly. */
  reconfigure(plan: SitePlan): void {
    this.#sites.set(plan.name, { ...this.site(plan.name), plan })
  }

  /** A server by its address or name. @throws InputError that lists the existing servers */
  server(name: string): Machine {
    const found = this.#servers.get(name) ?? [...this.#servers.values()].find(({ plan }) => plan.address === name)
    return found?.machine ?? this.#unknown('server', name, this.#servers)
  }

  /** A mail server by its name, or the only one. @throws InputError that lists the existing ones */
  mailServer(name?: string): MailServer {
    const all = [...this.#services.values()].filter(({ plan }) => plan.kind === 'mail')
    const found = name === undefined ? all[0] : this.#services.get(name)
    if (found === undefined || (name === undefined && all.length > 1))
      return this.#unknown('mail server', name ?? '', this.#services)
    return { ...found, user: mailUser, password: mailPassword(found.plan.name, this.#starter.clientKey) }
  }

  /** A machine by its full name (`recovery-compute-1`). @throws InputError that lists the existing machines */
  machine(name: string): Machine {
    return this.#machines.get(name) ?? this.#unknown('machine', name, this.#machines)
  }

  /** Ends machines permanently, all at the same time. */
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

  async #add(topology: Topology, saved: SavedByName): Promise<void> {
    this.#refuseTaken(topology)
    const memoryMib = topology.sites.flatMap(({ nodes }) => nodes.map((node) => node.memoryMib))
    const capacity = await readCapacity(this.#options.engine)
    const services = topology.services.map((service) => service.memoryMib)
    requireCapacity([...memoryMib, ...services, ...topology.servers.map(() => serverMemoryMib)], capacity)
    const servers = topology.servers.map((plan) => this.#addServer(plan, saved))
    const sites = topology.sites.map((plan) => this.#addSite(plan, saved))
    const others = topology.services.map((plan) => this.#addService(plan, saved))
    const outcomes = await Promise.allSettled([...servers, ...sites, ...others])
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
  }

  async #addServer(plan: ServerPlan, saved: SavedByName): Promise<void> {
    const { name, address } = plan
    const machine = await this.#start({
      ...{ name, where: name, role: 'server', address, memoryMib: serverMemoryMib, saved: saved.get(name) },
      seedOf: (identity) => serverSeed(identity, plan),
    })
    this.#servers.set(name, { plan, machine })
  }

  async #addService(plan: ServicePlan, saved: SavedByName): Promise<void> {
    const { name, address, memoryMib } = plan
    const machine = await this.#start({
      ...{ name, where: name, role: 'service', address, memoryMib, saved: saved.get(name), seedOf: mailSeed },
    })
    this.#services.set(name, { plan, machine })
  }

  async #addSite(plan: SitePlan, saved: SavedByName): Promise<void> {
    const nodes = await Promise.all(
      plan.nodes.map(({ name: node, role, address, memoryMib }) => {
        const name = `${plan.name}-${node}`
        return this.#start({
          ...{ name, where: `${plan.name}/${node}`, role, address, memoryMib, saved: saved.get(name) },
          seedOf: (identity) => nodeSeed(identity, plan),
          hasContainer: plan.container !== undefined,
          hasTool: hasToolOn(plan, role),
        })
      }),
    )
    const appliance = nodes.find(({ role }) => role === 'appliance')
    if (appliance === undefined) throw new InputError(`site ${plan.name} has no appliance`)
    const site = { plan, nodes, appliance, computes: nodes.filter(({ role }) => role === 'compute') }
    this.#sites.set(plan.name, site)
    if (!saved.has(appliance.name)) await this.#options.onSite?.(site, this.keys.hostPublic)
  }

  #start(request: MachineRequest): Promise<Machine> {
    return this.#starter.start(request, (machine) => this.#machines.set(machine.name, machine))
  }

  async #restore(saved: SavedLab): Promise<void> {
    // Lost servers and sites stay known, and stay lost.
    for (const server of saved.lost.servers) this.#servers.set(server.plan.name, server)
    for (const service of saved.lost.services) this.#services.set(service.plan.name, service)
    for (const site of saved.lost.sites) this.#sites.set(site.plan.name, site)
    await this.#add(saved, new Map(saved.machines.map((machine) => [machine.name, machine])))
    await Promise.all(saved.machines.map((machine) => verifySaved(machine, this.machine(machine.name))))
  }

  #refuseTaken({ servers, sites, services }: Topology): void {
    const names = [
      ...[...servers, ...services].map(({ name }) => name),
      ...sites.flatMap((site) => site.nodes.map((node) => `${site.name}-${node.name}`)),
    ]
    const addresses = [...servers, ...services, ...sites.flatMap(({ nodes }) => nodes)].map(({ address }) => address)
    for (const machine of this.machines) {
      if (names.includes(machine.name)) throw new InputError(`the lab already has a machine ${machine.name}`)
      if (addresses.includes(machine.address))
        throw new InputError(`address ${machine.address} already belongs to ${machine.where}`)
    }
  }

  #unknown(what: string, name: string, known: ReadonlyMap<string, unknown>): never {
    throw new InputError(`unknown ${what} "${name}" (the lab has: ${[...known.keys()].join(', ') || 'none'})`)
  }
}

async function openHub({ engine, run, name: lab, logFolder, signal }: LabOptions): Promise<Hub> {
  signal.throwIfAborted()
  await mkdir(logFolder, { recursive: true })
  return await engine.openHub({ run, lab, owner: await thisProcess() })
}

/** Ends all machines, also if one fails. @throws the first error */
async function endAll(ends: readonly AsyncDisposable[]): Promise<void> {
  const outcomes = await Promise.allSettled(ends.map((end) => end[Symbol.asyncDispose]()))
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
}
