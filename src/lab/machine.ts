import type { Duplex } from 'node:stream'
import { InputError, MachineError } from '../errors.ts'
import type { KeyPair } from '../shell/key-pair.ts'
import { inMountNamespace } from '../shell/mount-namespace.ts'
import type { Argv, CommandOptions, Script, Shell } from '../shell/shell.ts'
import { SshShell } from '../shell/ssh.ts'
import type { BootLog } from './boot-log.ts'
import { within } from './deadline.ts'
import type { Guest } from './engine/engine.ts'

export type Role = 'server' | 'appliance' | 'compute'

export interface MachineOptions {
  /** Its host name, unique in the lab: `recovery-compute-1`. */
  readonly name: string
  /** For messages: `recovery/compute-1`. */
  readonly where: string
  readonly role: Role
  /** On the storage network. */
  readonly address: string
  /** Whether the product's service has a mount namespace of its own there. */
  readonly hasContainer?: boolean
  readonly guest: Guest
  readonly log: BootLog
  readonly hostKey: KeyPair
  readonly clientKey: KeyPair
  readonly connect: () => Promise<Duplex>
  /** Wraps the shell, e.g. to record what is run. */
  readonly wrapShell: (shell: Shell) => Shell
  readonly signal: AbortSignal
}

/** Kept there by the guest image's `service`. */
const serviceNamespace = '/run/dr-drill/service'

const bootDeadlineMs = 180_000

/** A guest of a lab: a shell, power, and a storage link. */
export class Machine implements AsyncDisposable {
  readonly name: string
  readonly where: string
  readonly role: Role
  readonly address: string
  readonly shell: Shell
  /** What the product's service does, and sees: in its own mount namespace, where it has one. */
  readonly service: Shell
  readonly serviceNamespace: string | undefined
  readonly log: BootLog
  readonly #options: MachineOptions
  readonly #recent: string[] = []
  /** Exit code and errors of `mount -a` at the last boot. */
  #mounts = ''
  #connection: SshShell | undefined
  /** Its kernel has given up since it was started: why. */
  #panic: MachineError | undefined
  #whenPanicked = Promise.withResolvers<never>()

  constructor(options: MachineOptions) {
    this.name = options.name
    this.where = options.where
    this.role = options.role
    this.address = options.address
    this.log = options.log
    this.#options = options
    this.shell = options.wrapShell({
      where: options.where,
      run: (command, its = {}) => this.#unlessPanicked(() => this.connection.run(command, this.#within(command, its))),
      try: (command, its = {}) => this.#unlessPanicked(() => this.connection.try(command, this.#within(command, its))),
    })
    this.log.onPanic = (line) => this.#panicked(line)
    this.#whenPanicked.promise.catch(() => {})
    this.serviceNamespace = options.hasContainer ? serviceNamespace : undefined
    this.service = options.hasContainer ? inMountNamespace(this.shell, serviceNamespace) : this.shell
  }

  /** Boots it, from its own disk when it has run before, and waits until its file systems were mounted. */
  async start(): Promise<void> {
    await this.#boots(() => this.#options.guest.start())
  }

  /** @throws MachineError unless all of its fstab was mounted when it last booted */
  requireMounts(): void {
    const [status, ...errors] = this.#mounts.split('\n')
    if (status === '0') return
    const why = errors.join('\n').trim()
    throw new MachineError('not-mounted', `${this.where} could not mount what its fstab says:\n${why}`, {
      remedy: `less ${this.log.file}`,
    })
  }

  /** An orderly reboot, from inside. */
  async reboot(): Promise<void> {
    await this.#boots(async () => {
      await this.shell.run([
        'sh',
        '-c',
        'setsid sh -c "sleep 0.2; exec /usr/lib/dr-drill/reboot" </dev/null >/dev/null 2>&1 &',
      ])
      this.#disconnect()
    })
  }

  /** The container of the product's service ends and is made anew, with the mounts that the host has then. */
  async restartService(): Promise<void> {
    if (this.serviceNamespace === undefined) throw new InputError(`the service on ${this.where} has no container`)
    await this.shell.run(['/usr/lib/dr-drill/service', 'restart'])
  }

  /** Off at once: what was not synced is lost. `start` boots it again. */
  async powerCut(): Promise<void> {
    await this.#options.guest.powerCut()
    this.#disconnect()
  }

  /** Off in an orderly way: what was written is on its disk. */
  async stop(): Promise<void> {
    await this.shell.run(['sync'])
    await this.powerCut()
  }

  /** Its disks as a file; it must be off. */
  saveDisks = (file: string): Promise<void> => this.#options.guest.saveDisks(file)

  /** Its processes stop; it neither answers nor notices. Its lease still ends it. */
  pause = (): Promise<void> => this.#options.guest.pause()
  resume = (): Promise<void> => this.#options.guest.resume()
  /** Off the storage network, and back on it. Its shell goes on: management is another network. */
  cutOff = (): Promise<void> => this.#options.guest.cut()
  rejoin = (): Promise<void> => this.#options.guest.join()

  /** For an interactive session. */
  get connection(): SshShell {
    if (this.#panic !== undefined) throw this.#panic
    this.#connection ??= this.#open()
    return this.#connection
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disconnect()
    await this.#options.guest[Symbol.asyncDispose]()
    this.log[Symbol.dispose]()
  }

  async #boots(trigger: () => Promise<void>): Promise<void> {
    const { signal } = this.#options
    signal.throwIfAborted()
    const up = this.log.next(`dr-drill: ${this.name} is up`)
    await trigger()
    this.#panic = undefined
    this.#whenPanicked = Promise.withResolvers<never>()
    this.#whenPanicked.promise.catch(() => {})
    const aborted = Promise.withResolvers<never>()
    const abort = () => aborted.reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    try {
      await within(
        bootDeadlineMs,
        `${this.where} boots`,
        Promise.race([up, aborted.promise, this.#whenPanicked.promise]),
      )
      // Synced: a power cut within seconds of its first boot would leave its keys empty, and nobody could enter it.
      const look = ['sh', '-c', 'sync; cd /run/dr-drill; cat mount-status mount-errors'] as const
      this.#mounts = (await this.connection.run(look, { deadlineMs: 30_000, signal })).stdout
    } catch (cause) {
      if (signal.aborted) throw signal.reason
      throw new MachineError(
        'guest-not-up',
        `${this.where} did not come up. Its last words:\n${this.log.tail()}${this.#lastCommands()}`,
        {
          cause,
          remedy: `less ${this.log.file}`,
        },
      )
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }

  /** Everything that runs here ends with the run. */
  #within(command: Argv | Script, options: CommandOptions): CommandOptions {
    const { signal } = this.#options
    signal.throwIfAborted()
    this.#recent.push('script' in command ? command.script.trim().slice(0, 200) : command.join(' '))
    if (this.#recent.length > 5) this.#recent.shift()
    return { ...options, signal: options.signal === undefined ? signal : AbortSignal.any([signal, options.signal]) }
  }

  #lastCommands(): string {
    return this.#recent.length === 0
      ? ''
      : `\nThe last commands there:\n${this.#recent.map((line) => `  ${line}`).join('\n')}`
  }

  #open(): SshShell {
    const { where, hostKey, clientKey, connect } = this.#options
    return new SshShell({
      where,
      username: 'root',
      privateKey: clientKey.privateKey,
      hostKey: hostKey.publicKey,
      connect,
    })
  }

  /** What a command comes to when its kernel gives up is not the command's own doing. */
  async #unlessPanicked<T>(act: () => Promise<T>): Promise<T> {
    try {
      return await act()
    } catch (error) {
      throw this.#panic ?? error
    }
  }

  /** A kernel that gives up does not always close its connections: nobody waits for its answers any longer. */
  #panicked(line: string): void {
    this.#panic = new MachineError('guest-panicked', `the kernel of ${this.where} gave up: ${line}`, {
      remedy: `less ${this.log.file}`,
    })
    this.#whenPanicked.reject(this.#panic)
    this.#disconnect(this.#panic.message)
  }

  /** Its other end is gone or is about to be: there is nobody to say goodbye to. */
  #disconnect(why?: string): void {
    this.#connection?.drop(why)
    this.#connection = undefined
  }
}
