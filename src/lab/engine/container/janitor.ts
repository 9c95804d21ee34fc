import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type Dockerode from 'dockerode'
import { killChild } from '../../../localhost/kill-child.ts'

/** The first line of the janitor's input. */
export interface JanitorTask {
  /** How to reach the engine: options of dockerode. */
  readonly engine: object
  readonly run: string
  readonly lab: string
}

/**
 * Removes containers that were created and never started. A container has no lease before its start, so it would remain
 * if this process were killed in between. The janitor is a process of its own. It waits for our end on a pipe, like any
 * lease. Containers that have started end by their own lease.
 */
export class Janitor implements AsyncDisposable {
  readonly #child: ChildProcess

  constructor(docker: Dockerode, run: string, lab: string) {
    const { socketPath, host, port, protocol, ca, cert, key } = docker.modem as unknown as Record<string, unknown>
    const task: JanitorTask = { engine: { socketPath, host, port, protocol, ca, cert, key }, run, lab }
    const program = fileURLToPath(new URL(`./janitor-process${extname(import.meta.filename)}`, import.meta.url))
    // In a session of its own: a signal to our process group must not end it.
    this.#child = spawn(process.execPath, [program], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
    // A drill can run without the janitor: it covers a moment only, and the leak check looks for residue.
    this.#child.on('error', () => {})
    this.#child.stdin?.on('error', () => {})
    this.#child.stdin?.write(`${JSON.stringify(task)}\n`)
    this.#child.unref()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null || this.#child.pid === undefined) return
    // Keeps this process running until the janitor has ended.
    this.#child.ref()
    const exit = once(this.#child, 'exit')
    killChild(this.#child)
    await exit
  }
}
