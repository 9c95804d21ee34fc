import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { within } from '../../../concurrency/deadline.ts'
import { Lease } from '../lease.ts'

/** Maximum time for a process to end before it is killed. */
const endDeadlineMs = 10_000
/** Maximum time for a killed process to end. On a busy machine, the kernel frees a guest's memory slowly. */
const killDeadlineMs = 60_000

/** A process that lives as long as its lease. It has a session of its own: a signal to our group does not end it. */
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

  /** Undefined if the process did not start. The first command to it then fails. */
  get pid(): number | undefined {
    return this.#child.pid
  }

  /** Releases the lease, and returns when the process has ended. */
  async end(): Promise<void> {
    this.lease.release()
    try {
      await within(endDeadlineMs, 'a machine to exit', this.#exit)
    } catch {
      this.#kill()
      await within(killDeadlineMs, 'a killed machine to exit', this.#exit)
    }
  }

  /** Kills the session leader. The kernel ends the processes in its namespace with it. */
  #kill(): void {
    try {
      if (this.pid !== undefined) process.kill(-this.pid, 'SIGKILL')
    } catch {
      // The process has just ended.
    }
  }
}
