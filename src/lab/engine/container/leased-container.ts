import { PassThrough } from 'node:stream'
import type Dockerode from 'dockerode'
import { GenericContainer } from 'testcontainers'
import { Lease } from '../lease.ts'

// Leases replace the reaper, which would remove kept labs, and whose image cannot be pulled everywhere.
process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true'

/** A container that lives as long as its lease. It is attached before its start, and the engine removes it at its end. */
export class LeasedContainer extends GenericContainer {
  readonly #docker: Dockerode
  readonly #name: string
  readonly #onOutput: (chunk: Uint8Array) => void
  #id: string | undefined
  #lease: Lease | undefined

  constructor(image: string, docker: Dockerode, name: string, onOutput: (chunk: Uint8Array) => void) {
    super(image)
    this.#docker = docker
    this.#name = name
    this.#onOutput = onOutput
    Object.assign(this.createOpts, { OpenStdin: true, StdinOnce: true, AttachStdin: true })
    this.hostConfig.AutoRemove = true
    // We log the guest's console. The engine need not log it as well.
    this.hostConfig.LogConfig = { Type: 'none', Config: {} }
    this.withAutoCleanup(false).withDroppedCapabilities('ALL').withSecurityOpt('no-new-privileges')
  }

  protected override async containerCreated(id: string): Promise<void> {
    this.#id = id
    const stream = await this.#docker
      .getContainer(id)
      .attach({ stream: true, stdin: true, stdout: true, stderr: true, hijack: true })
    const [console, answers] = [new PassThrough(), new PassThrough()]
    this.#docker.modem.demuxStream(stream, console, answers)
    this.#lease = new Lease(this.#name, { commands: stream, console, answers }, this.#onOutput)
  }

  /** Undefined until the container was created. It remains if the start fails. */
  get id(): string | undefined {
    return this.#id
  }

  get lease(): Lease | undefined {
    return this.#lease
  }
}
