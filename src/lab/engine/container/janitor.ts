import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type Dockerode from 'dockerode'

/** What the janitor is told, in its first line of input. */
export interface JanitorTask {
  /** How to reach the engine: options of dockerode. */
  readonly engine: object
  readonly run: string
  readonly lab: string
}

/**
 * A container has no lease before it was started, so a process that is killed between making one and starting it would
 * leave it there. The janitor is a process of its own that waits for our end (a pipe, like any lease) and then removes
 * what was never started. All that did start ends by its own lease.
 */
export class Janitor implements AsyncDisposable {
  readonly #child: ChildProcess

  constructor(docker: Dockerode, run: string, lab: string) {
    const { socketPath, host, port, protocol, ca, cert, key } = docker.modem as unknown as Record<string, unknown>
    const orders: JanitorTask = { engine: { socketPath, host, port, protocol, ca, cert, key }, run, lab }
    const program = fileURLToPath(new URL(`./janitor-process${extname(import.meta.filename)}`, import.meta.url))
    // In a session of its own, so that what ends our process group does not end it.
    this.#child = spawn(process.execPath, [program], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
    // One that cannot run is no reason not to drill: it covers a moment, and the leak check looks at its end.
    this.#child.on('error', () => {})
    this.#child.stdin?.on('error', () => {})
    this.#child.stdin?.write(`${JSON.stringify(orders)}\n`)
    this.#child.unref()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null || this.#child.pid === undefined) return
    // It is waited for now, even where nothing else keeps this process up.
    this.#child.ref()
    const exit = once(this.#child, 'exit')
    this.#child.kill('SIGTERM')
    await exit
  }
}
