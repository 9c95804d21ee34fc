import type { Duplex } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { within } from '../../concurrency/deadline.ts'
import { InputError, MachineError } from '../../errors.ts'
import type { KeyPair } from '../../shell/key-pair.ts'
import { inMountNamespace } from '../../shell/mount-namespace.ts'
import { type Argv, CommandError, type CommandOptions, type Script, type Shell, ShellError } from '../../shell/shell.ts'
import { SshShell } from '../../shell/ssh.ts'
import type { Guest } from '../engine/engine.ts'
import type { BootLog } from './boot-log.ts'

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

interface Loss {
  readonly code: string
  readonly what: string
}

/** What a boot may take, and then as long its first answer: where many labs share a machine, each takes a minute. */
const upWithinMs = 180_000

const notUp: Loss = { code: 'guest-not-up', what: 'did not come up' }
const notDown: Loss = { code: 'guest-not-down', what: 'did not go down for a reboot' }

/** What a machine's console is to say, and what it is if it does not. */
interface Announcement {
  readonly line: string
  readonly deadlineMs: number
  readonly otherwise: Loss
}

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
  #mounts: readonly string[] = []
  #kernel = '?'
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

  /** Boots it, from its own disk when it has run before, and waits until its file systems were mounted and it answers. */
  async start(): Promise<void> {
    const { guest } = this.#options
    const up = { line: `dr-drill: ${this.name} is up`, deadlineMs: upWithinMs, otherwise: notUp }
    await this.#says(up, () => guest.start())
    const [kernel = '', ...mounts] = (await this.#firstAnswer()).split('\n')
    this.#kernel = kernel
    this.#mounts = mounts
  }

  /** The kernel that it booted, and how its mounts came out. It is asked again while it is too busy to answer. */
  async #firstAnswer(): Promise<string> {
    const { signal } = this.#options
    // Synced: a power cut within seconds of its first boot would leave its fstab empty.
    const look = 'sync; cd /run/dr-drill; cat /proc/sys/kernel/osrelease mount-status mount-errors'
    for (const giveUpAtMs = performance.now() + upWithinMs; ; await delay(1000)) {
      try {
        return (await this.connection.run(['sh', '-c', look], { deadlineMs: 60_000, signal })).stdout
      } catch (cause) {
        const isBusy =
          cause instanceof ShellError || (cause instanceof CommandError && cause.result.ended === 'deadline')
        if (!isBusy || performance.now() > giveUpAtMs) throw this.#lost(notUp, cause)
      }
    }
  }

  /** What it booted, as `uname -r` says it: `7.2.7`. */
  get kernel(): string {
    return this.#kernel
  }

  /** @throws MachineError unless all of its fstab was mounted when it last booted */
  requireMounts(): void {
    const [status, ...errors] = this.#mounts
    if (status === '0') return
    const why = errors.join('\n').trim()
    throw new MachineError('not-mounted', `${this.where} could not mount what its fstab says:\n${why}`, {
      remedy: `less ${this.log.file}`,
    })
  }

  /** An orderly reboot: it goes down by itself, and is started again once nothing of it runs any longer. */
  async reboot(): Promise<void> {
    const down = { line: 'reboot: System halted', deadlineMs: 120_000, otherwise: notDown }
    await this.#says(down, async () => {
      const halt = 'setsid sh -c "sleep 0.2; exec /usr/lib/dr-drill/halt" </dev/null >/dev/null 2>&1 &'
      await this.shell.run(['sh', '-c', halt])
      this.#disconnect()
    })
    await this.#options.guest.powerCut()
    await this.start()
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

  /** Sets something off, and waits until its console says that it is done. */
  async #says({ line, deadlineMs, otherwise }: Announcement, trigger: () => Promise<void>): Promise<void> {
    const { signal } = this.#options
    signal.throwIfAborted()
    const said = this.log.next(line)
    await trigger()
    this.#panic = undefined
    this.#whenPanicked = Promise.withResolvers<never>()
    this.#whenPanicked.promise.catch(() => {})
    const aborted = Promise.withResolvers<never>()
    const abort = () => aborted.reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    try {
      const first = Promise.race([said, aborted.promise, this.#whenPanicked.promise])
      await within(deadlineMs, `${this.where} to print "${line}"`, first)
    } catch (cause) {
      throw this.#lost(otherwise, cause)
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }

  /** A machine that is not as it was told to be, with what it said last. */
  #lost({ code, what }: Loss, cause: unknown): unknown {
    if (this.#options.signal.aborted) return this.#options.signal.reason
    const words = `Its last words:\n${this.log.tail()}${this.#lastCommands()}`
    const why = cause instanceof Error ? `: ${cause.message}` : ''
    return new MachineError(code, `${this.where} ${what}${why}. ${words}`, { cause, remedy: `less ${this.log.file}` })
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
