import type { Duplex } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { InputError, MachineError } from '../../errors.ts'
import type { KeyPair } from '../../shell/key-pair.ts'
import { inMountNamespace } from '../../shell/mount-namespace.ts'
import { type Argv, CommandError, type CommandOptions, type Script, type Shell, ShellError } from '../../shell/shell.ts'
import { SshShell } from '../../shell/ssh.ts'
import type { Guest } from '../engine/engine.ts'
import type { BootLog } from './boot-log.ts'
import { type ExpectedLine, GuestConsole } from './guest-console.ts'

export type MachineRole = 'server' | 'service' | 'appliance' | 'compute'

export interface MachineOptions {
  /** The host name, unique in the lab: `recovery-compute-1`. */
  readonly name: string
  /** 1–250, unique in the lab. */
  readonly number: number
  /** The name in messages: `recovery/compute-1`. */
  readonly where: string
  readonly role: MachineRole
  /** The address in the storage network. */
  readonly address: string
  /** True if the product's service has its own mount namespace. */
  readonly hasContainer?: boolean
  readonly guest: Guest
  readonly log: BootLog
  readonly hostKey: KeyPair
  readonly clientKey: KeyPair
  readonly connect: () => Promise<Duplex>
  /** Wraps the shell, e.g. to record commands. */
  readonly wrapShell: (shell: Shell) => Shell
  readonly signal: AbortSignal
}

/** The mount namespace that `service` in the guest image keeps. */
const serviceNamespace = '/run/dr-drill/service'

/** Maximum time for a boot, and again for the first answer. A boot takes a minute if many labs share a machine. */
const upWithinMs = 180_000

/** A line that the console must print, and the error if it does not. */
interface Milestone extends ExpectedLine {
  readonly code: string
  readonly failure: string
}

const haltedLine = 'reboot: System halted'

const bootFailure = { code: 'guest-not-up', failure: 'did not boot' }

/** A guest of a lab: its shell, its power and its storage link. */
export class Machine implements AsyncDisposable {
  readonly name: string
  readonly number: number
  readonly where: string
  readonly role: MachineRole
  readonly address: string
  readonly shell: Shell
  /** The same shell without its wrapper: for looks that are not recorded. */
  readonly unrecorded: Shell
  /** The shell in the mount namespace of the product's service. */
  readonly service: Shell
  readonly serviceNamespace: string | undefined
  readonly log: BootLog
  readonly #options: MachineOptions
  readonly #recent: string[] = []
  /** The exit code and the errors of `mount -a` at the last boot. */
  #mounts: readonly string[] = []
  #kernel = '?'
  #connection: SshShell | undefined
  readonly #console: GuestConsole

  constructor(options: MachineOptions) {
    this.name = options.name
    this.number = options.number
    this.where = options.where
    this.role = options.role
    this.address = options.address
    this.log = options.log
    this.#options = options
    this.unrecorded = {
      where: options.where,
      run: (command, its = {}) => this.#unlessPanicked(() => this.connection.run(command, this.#within(command, its))),
      try: (command, its = {}) => this.#unlessPanicked(() => this.connection.try(command, this.#within(command, its))),
    }
    this.shell = options.wrapShell(this.unrecorded)
    // A kernel that panics does not always close its connections. Commands must not wait for its answers.
    this.#console = new GuestConsole(options.log, options.where, options.signal, ({ message }) =>
      this.#disconnect(message),
    )
    this.serviceNamespace = options.hasContainer ? serviceNamespace : undefined
    this.service = options.hasContainer ? inMountNamespace(this.shell, serviceNamespace) : this.shell
  }

  /** Boots the machine, from its own disk if it has run before, and waits until it has mounted its disks and answers. */
  async start(): Promise<void> {
    const { guest } = this.#options
    await this.#reach({ ...bootFailure, line: `dr-drill: ${this.name} is up`, deadlineMs: upWithinMs }, () =>
      guest.start(),
    )
    const [kernel = '', ...mounts] = (await this.#firstAnswer()).split('\n')
    this.#kernel = kernel
    this.#mounts = mounts
  }

  /** Reads the version of the kernel and the result of the mounts. Retries while the machine is too busy to answer. */
  async #firstAnswer(): Promise<string> {
    const { signal } = this.#options
    // A power cut within seconds of the first boot would leave an empty fstab, without `sync`.
    const script = 'sync; cd /run/dr-drill; cat /proc/sys/kernel/osrelease mount-status mount-errors'
    for (const giveUpAtMs = performance.now() + upWithinMs; ; await delay(1000)) {
      try {
        return (await this.connection.run(['sh', '-c', script], { deadlineMs: 60_000, signal })).stdout
      } catch (cause) {
        const isBusy =
          cause instanceof ShellError || (cause instanceof CommandError && cause.result.ended === 'deadline')
        if (!isBusy || performance.now() > giveUpAtMs) throw this.#failure(bootFailure, cause)
      }
    }
  }

  /** The version of the kernel, as in `uname -r`: `7.2.7`. */
  get kernel(): string {
    return this.#kernel
  }

  /** @throws MachineError unless the last boot mounted everything in /etc/fstab */
  requireMounts(): void {
    const [status, ...errors] = this.#mounts
    if (status === '0') return
    const why = errors.join('\n').trim()
    throw new MachineError('not-mounted', `${this.where} cannot mount its /etc/fstab:\n${why}`, {
      remedy: `less ${this.log.file}`,
    })
  }

  /** Shuts the machine down in an orderly way, and starts it again once it has ended. */
  async reboot(): Promise<void> {
    const down = { line: haltedLine, deadlineMs: 120_000, code: 'guest-not-down' }
    await this.#reach({ ...down, failure: 'did not shut down' }, async () => {
      const halt = 'setsid sh -c "sleep 0.2; exec /usr/lib/dr-drill/halt" </dev/null >/dev/null 2>&1 &'
      await this.shell.run(['sh', '-c', halt])
      this.#disconnect()
    })
    await this.#options.guest.powerCut()
    await this.start()
  }

  /** Starts the machine again after it has halted by itself. */
  async startAgain(): Promise<void> {
    this.#disconnect()
    await this.#options.guest.powerCut()
    await this.start()
  }

  /** Resolves when the machine next halts in an orderly way, also by `reboot`. */
  untilHalted = (): Promise<void> => this.log.next(haltedLine)

  /** Ends the container of the product's service, and makes a new one with the host's current mounts. */
  async restartService(): Promise<void> {
    if (this.serviceNamespace === undefined)
      throw new InputError(`the service on ${this.where} does not run in a container`)
    await this.shell.run(['/usr/lib/dr-drill/service', 'restart'])
  }

  /** Switches the machine off at once. Data that was not synced is lost. */
  async powerCut(): Promise<void> {
    await this.#options.guest.powerCut()
    this.#disconnect()
  }

  /** Switches the machine off after a sync. */
  async stop(): Promise<void> {
    await this.shell.run(['sync'])
    await this.powerCut()
  }

  /** Writes the disks to a file. The machine must be off. */
  saveDisks = (file: string): Promise<void> => this.#options.guest.saveDisks(file)

  /** Stops all processes of the machine, so that it does not answer. */
  pause = (): Promise<void> => this.#options.guest.pause()
  resume = (): Promise<void> => this.#options.guest.resume()
  /** Disconnects the storage network. The shell stays connected, over the management network. */
  cutOff = (): Promise<void> => this.#options.guest.cut()
  rejoin = (): Promise<void> => this.#options.guest.join()

  /** The SSH connection, for an interactive session. */
  get connection(): SshShell {
    if (this.#console.panic !== undefined) throw this.#console.panic
    this.#connection ??= this.#open()
    return this.#connection
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disconnect()
    await this.#options.guest[Symbol.asyncDispose]()
    this.log[Symbol.dispose]()
  }

  /** Performs an action, and waits until the console prints the line of a milestone. */
  async #reach(milestone: Milestone, action: () => Promise<void>): Promise<void> {
    const printed = this.#console.listenFor(milestone)
    await action()
    try {
      await printed()
    } catch (cause) {
      throw this.#failure(milestone, cause)
    }
  }

  /** The error for a milestone that was missed, with the end of the console's output. */
  #failure({ code, failure }: Pick<Milestone, 'code' | 'failure'>, cause: unknown): unknown {
    if (this.#options.signal.aborted) return this.#options.signal.reason
    const output = `The end of its console:\n${this.log.tail()}${this.#lastCommands()}`
    const why = cause instanceof Error ? `: ${cause.message}` : ''
    return new MachineError(code, `${this.where} ${failure}${why}. ${output}`, {
      cause,
      remedy: `less ${this.log.file}`,
    })
  }

  /** Makes commands end with the run, and remembers the last ones for messages. */
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
      : `\nThe last commands on it:\n${this.#recent.map((line) => `  ${line}`).join('\n')}`
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

  /** Replaces the error of a command by the kernel's panic, which is its cause. */
  async #unlessPanicked<T>(act: () => Promise<T>): Promise<T> {
    try {
      return await act()
    } catch (error) {
      throw this.#console.panic ?? error
    }
  }

  /** Drops the connection without waiting, because its other end has ended or is about to end. */
  #disconnect(why?: string): void {
    this.#connection?.drop(why)
    this.#connection = undefined
  }
}
