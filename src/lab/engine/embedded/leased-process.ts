import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { within } from '../../../concurrency/deadline.ts'
import { Lease } from '../lease.ts'

/** How long the end of one process may take before it is ended by force. */
const endDeadlineMs = 10_000
/** How long the kernel may take over that. It frees a guest's memory page by page, behind everybody else on a busy machine. */
const killDeadlineMs = 60_000

/** A process that lives as long as its lease, in a session of its own: what ends our group does not end it. */
export class LeasedProcess {
  readonly lease: Lease
  readonly #child: ChildProcessWithoutNullStreams
  readonly #exit: Promise<unknown>

  constructor(
    name: string,
    [program = '', ...args]: readonly string[],
    env: NodeJS.ProcessEnv,
    onConsole: (chunk: Uint8Array) => void,
  ) {
    this.#child = spawn(program, args, { detached: true, env, cwd: '/', stdio: 'pipe' })
    const { stdin, stdout, stderr } = this.#child
    this.lease = new Lease(name, { commands: stdin, console: stdout, answers: stderr }, onConsole)
    this.#exit = once(this.#child, 'close').catch(() => {})
  }

  /** Undefined when it could not be started: the first command to it says so. */
  get pid(): number | undefined {
    return this.#child.pid
  }

  /** Gives the lease up, and returns when the process is no more. */
  async end(): Promise<void> {
    this.lease.release()
    try {
      await within(endDeadlineMs, 'a machine to exit', this.#exit)
    } catch {
      this.#kill()
      await within(killDeadlineMs, 'a killed machine to exit', this.#exit)
    }
  }

  /** Its session leader goes, and the kernel ends the processes in its namespace with it. */
  #kill(): void {
    try {
      if (this.pid !== undefined) process.kill(-this.pid, 'SIGKILL')
    } catch {
      // It has just ended.
    }
  }
}
