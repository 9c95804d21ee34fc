import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { LocalShell } from '../../shell/local.ts'
import type { Argv, CommandOptions, Script, Shell } from '../../shell/shell.ts'

/** A real node without a lab: this machine with private mounts. */
export class PrivateMounts implements Shell {
  readonly where = 'node'
  readonly #shell = new LocalShell()
  readonly #folders: readonly string[]
  readonly #args: readonly string[]
  #holder: ChildProcess | undefined

  /**
   * @param folders where it has empty file systems, besides /etc
   * @param args of the scripts of `runSync`
   */
  constructor(folders: readonly string[], args: readonly string[] = []) {
    this.#folders = folders
    this.#args = args
  }

  async start(): Promise<void> {
    const script = 'for path in /etc "$@"; do mount -t tmpfs none "$path"; done; echo ready; exec sleep infinity'
    const args = ['--mount', '--propagation', 'private', 'sh', '-euc', script, 'sh', ...this.#folders]
    const holder = spawn('unshare', args, { stdio: ['ignore', 'pipe', 'inherit'] })
    this.#holder = holder
    const ended = once(holder, 'exit').then(() => assert.fail('its mounts could not be made'))
    await Promise.race([once(holder.stdout, 'data'), ended])
    ended.catch(() => {})
  }

  async stop(): Promise<void> {
    if (this.#holder?.exitCode === null && this.#holder.kill('SIGKILL')) await once(this.#holder, 'exit')
  }

  run(command: Argv | Script, options: CommandOptions = {}) {
    return this.#shell.run(...this.#inside(command, options))
  }

  try(command: Argv | Script, options: CommandOptions = {}) {
    return this.#shell.try(...this.#inside(command, options))
  }

  /** Runs a script at once. */
  runSync(script: string): void {
    const [program, ...args] = [...this.#enter(), 'sh', '-euc', script, 'sh', ...this.#args]
    execFileSync(program, args)
  }

  #enter(): Argv {
    assert.ok(this.#holder)
    return ['nsenter', `--mount=/proc/${this.#holder.pid}/ns/mnt`, '--']
  }

  #inside(command: Argv | Script, options: CommandOptions): [Argv, CommandOptions] {
    if (!('script' in command)) return [[...this.#enter(), ...command], options]
    const sh: Argv = [...this.#enter(), 'sh', '-eu', '-s', '--', ...(command.args ?? [])]
    return [sh, { ...options, stdin: command.script }]
  }
}
