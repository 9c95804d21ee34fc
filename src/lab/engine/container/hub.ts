import type { Duplex } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import type Dockerode from 'dockerode'
import { MachineError } from '../../../errors.ts'
import type { Guest, GuestSpec, Hub, HubOptions } from '../engine.ts'
import { managementNetwork, runVariable } from '../engine.ts'
import type { Lease } from '../lease.ts'
import { engineAnswer, isGone } from './client.ts'
import { packDisks, unpackDisks } from './disks.ts'
import { relay } from './hub-relay.ts'
import { Janitor } from './janitor.ts'
import { labelsOf } from './labels.ts'
import { LeasedContainer } from './leased-container.ts'

/** Starts a container under a lease. If that fails halfway, nothing is left. */
async function start(container: LeasedContainer, what: string, docker: Dockerode): Promise<Leased> {
  try {
    await engineAnswer(`start ${what}`, container.start())
    if (container.id === undefined || container.lease === undefined)
      throw new MachineError('engine-failed', `the container of ${what} has no lease`)
    return new Leased(container.id, container.lease, docker)
  } catch (error) {
    container.lease?.release()
    if (container.id !== undefined)
      await docker
        .getContainer(container.id)
        .remove({ force: true })
        .catch(() => {})
    throw error
  }
}

/** A running container and its lease. */
class Leased {
  readonly id: string
  readonly lease: Lease
  readonly #docker: Dockerode

  constructor(id: string, lease: Lease, docker: Dockerode) {
    this.id = id
    this.lease = lease
    this.#docker = docker
  }

  /**
   * Releases the lease, and returns when the container is gone.
   * @throws MachineError if the engine does not confirm that. The container ends by itself in any case
   */
  async end(): Promise<void> {
    const container = this.#docker.getContainer(this.id)
    this.lease.release()
    const giveUpAtMs = performance.now() + endDeadlineMs
    while (performance.now() < giveUpAtMs) {
      if (await absent(engineAnswer('inspect a container', container.inspect(), endDeadlineMs))) return
      await delay(50)
    }
    await absent(engineAnswer('remove a container', container.remove({ force: true }), endDeadlineMs))
  }
}

/** Maximum time for a container to end, and for the engine to answer about it. */
const endDeadlineMs = 10_000

/** True if the engine answers that the object does not exist. */
async function absent(request: Promise<unknown>): Promise<boolean> {
  try {
    await request
    return false
  } catch (error) {
    if (isGone((error as Error).cause)) return true
    throw error
  }
}

export async function openHub(docker: Dockerode, image: string, options: HubOptions): Promise<Hub> {
  const name = `hub of lab ${options.lab}`
  const container = new LeasedContainer(image, docker, name, () => {})
    .withEntrypoint(['/usr/lib/dr-drill/hub'])
    .withEnvironment({
      MANAGEMENT: `${managementNetwork.hub}/${managementNetwork.prefixLength}`,
      [runVariable]: options.run,
    })
    .withNetworkMode('none')
    .withAddedCapabilities('NET_ADMIN')
    .withLabels(labelsOf(options, 'hub'))
  const janitor = new Janitor(docker, options.run, options.lab)
  try {
    const leased = await start(container, name, docker)
    await leased.lease.command('ready')
    return new ContainerHub(docker, image, options, leased, janitor)
  } catch (error) {
    await janitor[Symbol.asyncDispose]()
    throw error
  }
}

class ContainerHub implements Hub {
  readonly #janitor: Janitor
  readonly #docker: Dockerode
  readonly #image: string
  readonly #options: HubOptions
  readonly #leased: Leased

  constructor(docker: Dockerode, image: string, options: HubOptions, leased: Leased, janitor: Janitor) {
    this.#janitor = janitor
    this.#docker = docker
    this.#image = image
    this.#options = options
    this.#leased = leased
  }

  get id(): string {
    return this.#leased.id
  }

  async addGuest(spec: GuestSpec): Promise<Guest> {
    const port = `p${spec.number}`
    await this.#leased.lease.command('plug', port)
    const container = new LeasedContainer(this.#image, this.#docker, spec.name, spec.onConsole)
      .withNetworkMode(`container:${this.id}`)
      .withAddedCapabilities('NET_RAW')
      // The guest's memory is an executable file. An engine's /dev/shm is not executable.
      .withTmpFs({ '/run/memory': `exec,size=${spec.memoryMib + 64}m` })
      .withEnvironment({
        [runVariable]: this.#options.run,
        TMPDIR: '/run/memory',
        PORT: port,
        MAC: `00:${spec.number.toString(16).padStart(2, '0')}`,
        MEMORY: `${spec.memoryMib}M`,
        DATA_DISK: `${spec.dataDiskGib}G`,
      })
      .withCopyContentToContainer(
        spec.seed.map(({ name, content, mode }) => ({ content, mode, target: `/machine/seed/${name}` })),
      )
      .withLabels(labelsOf(this.#options, spec.name))
    const leased = await start(container, spec.name, this.#docker)
    try {
      for (const disks of spec.disks) await unpackDisks(this.#docker, leased.id, disks)
    } catch (error) {
      await leased.end().catch(() => {})
      throw error
    }
    return new ContainerGuest(this.#docker, spec.name, port, leased, this.#leased.lease)
  }

  connect(address: string, port: number): Promise<Duplex> {
    return relay(this.#docker, this.id, address, port)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.#leased.end()
    } finally {
      await this.#janitor[Symbol.asyncDispose]()
    }
  }
}

class ContainerGuest implements Guest {
  readonly #docker: Dockerode
  readonly name: string
  readonly #port: string
  readonly #leased: Leased
  readonly #hub: Lease

  constructor(docker: Dockerode, name: string, port: string, leased: Leased, hub: Lease) {
    this.#docker = docker
    this.name = name
    this.#port = port
    this.#leased = leased
    this.#hub = hub
  }

  start = (): Promise<void> => this.#leased.lease.command('start')
  powerCut = (): Promise<void> => this.#leased.lease.command('kill')
  pause = (): Promise<void> => this.#leased.lease.command('pause')
  resume = (): Promise<void> => this.#leased.lease.command('resume')
  saveDisks = (file: string): Promise<void> => packDisks(this.#docker, this.#leased.id, file)
  cut = (): Promise<void> => this.#hub.command('cut', this.#port)
  join = (): Promise<void> => this.#hub.command('join', this.#port);

  [Symbol.asyncDispose](): Promise<void> {
    return this.#leased.end()
  }
}
